package tabular

// Field names what a column of leads holds. The values are stable: mappings are stored with them.
type Field string

// The fields GuessMapping knows.
const (
	FullName      Field = "full_name"      // a person's whole name, in the order of the language
	GivenName     Field = "given_name"     // first name
	FamilyName    Field = "family_name"    // surname
	Patronymic    Field = "patronymic"     // Russian отчество, Greek πατρώνυμο, or a middle name
	Title         Field = "title"          // Dr., Prof., Mr., κ., not the job
	JobTitle      Field = "job_title"      // position in the company
	Company       Field = "company"        // the company's name with its legal form
	TaxID         Field = "tax_id"         // adószám, ΑΦΜ, ח.פ., ИНН, VAT number
	Email         Field = "email"          // the main e-mail address
	Email2        Field = "email2"         // a further one
	Phone         Field = "phone"          // the main phone number
	Phone2        Field = "phone2"         // a further one
	Mobile        Field = "mobile"         // the mobile phone
	Street        Field = "street"         // street and house number
	City          Field = "city"           // city, town, village
	PostalCode    Field = "postal_code"    // ZIP
	Country       Field = "country"        // a name or an ISO 3166 code
	Region        Field = "region"         // state, county, область, νομός
	Website       Field = "website"        // address of the company's pages
	BirthDate     Field = "birth_date"     // day of birth
	Gender        Field = "gender"         // as written
	Language      Field = "language"       // what to write to the person in
	Source        Field = "source"         // where the lead came from
	Campaign      Field = "campaign"       // which campaign brought it
	Interest      Field = "interest"       // what is wanted, in the lead's words; notes
	Status        Field = "status"         // state in the system the file came from
	Owner         Field = "owner"          // who works on it
	ExpectedValue Field = "expected_value" // an amount of money
	Currency      Field = "currency"       // of that amount, an ISO 4217 code or a sign
	Consent       Field = "consent"        // agreed to be written to
	UTMSource     Field = "utm_source"     // utm_source of the landing page
	UTMMedium     Field = "utm_medium"     // utm_medium
	UTMCampaign   Field = "utm_campaign"   // utm_campaign
	CreatedAt     Field = "created_at"     // when the lead came about
	ExternalID    Field = "external_id"    // its key in the system the file came from
)

// Fields are all of them in the order in which a form lists them.
var Fields = []Field{
	FullName, GivenName, FamilyName, Patronymic, JobTitle, Title, Company, TaxID, Email, Email2, Phone, Phone2, Mobile,
	Street, City, PostalCode, Country, Region, Website, BirthDate, Gender, Language, Source, Campaign, Interest, Status,
	Owner, ExpectedValue, Currency, Consent, UTMSource, UTMMedium, UTMCampaign, CreatedAt, ExternalID,
}

// second is the field that takes another column of the same sort.
var second = map[Field]Field{Email: Email2, Phone: Phone2, Mobile: Phone2}
