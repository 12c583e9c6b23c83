// Package signon lets a host in any language say who is at the screens: the host's server signs a short-lived
// token, the browser carries it over, and it is taken once.
//
// The token is a JSON Web Token (RFC 7519) in the compact form of a JSON Web Signature (RFC 7515) with the
// algorithm HS256 and no other (RFC 8725, section 3.1). Its claims are those of [Claims]:
//
//	{"iss":"erp","aud":"crmplus","sub":"kovacs","company":"HU01","name":"Kovács Anna","teams":["north"],
//	 "role":"seller","see":"team","lang":"hu","iat":1783931400,"exp":1783931460,"jti":"f3b1…"}
//
// [Tokens.Redeem] checks the signature, the issuer, the audience, and that the token is young and was never
// taken before: the id of each token that was taken is kept in the database until the token is too old
// anyway, so that this holds for several processes and across restarts. What a visitor keeps after that is
// the business of the program's own session.
package signon

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/uptrace/bun"

	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/fault"
	"github.com/crmplus/crmplus/crm/locale"
	"github.com/crmplus/crmplus/crm/store"
)

// MaxLife is how long a token may be good for, from iat to exp.
const MaxLife = 5 * time.Minute

// Leeway is how far the clocks of the host and of this machine may be apart.
const Leeway = 30 * time.Second

const (
	// leastSecret is the length of a secret that HS256 needs (RFC 7518, section 3.2).
	leastSecret = 32
	mostToken   = 8 << 10
)

// Claims are what a token says.
type Claims struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	// User is the host's key of the user.
	User string `json:"sub"`
	// Company is the host's key of the company that is worked in; Group are further ones that may be read.
	Company string   `json:"company"`
	Group   []string `json:"group,omitempty"`
	Name    string   `json:"name"`
	// Teams are the host's keys; the first is stamped on new records.
	Teams []string `json:"teams,omitempty"`
	// Role is reader, seller, manager or admin; Rights are single rights instead of it, or beside it.
	Role   string   `json:"role,omitempty"`
	Rights []string `json:"rights,omitempty"`
	// See is own, team or all; own where it is empty.
	See string `json:"see,omitempty"`
	// Language is hu, en, he, ru or el; the company's where it is empty.
	Language string `json:"lang,omitempty"`
	// IssuedAt and Expires are in seconds since 1970 UTC.
	IssuedAt int64 `json:"iat"`
	Expires  int64 `json:"exp"`
	// ID is of this token alone: at least 16 characters that nobody can guess.
	ID string `json:"jti"`
}

// Config says which tokens are believed.
type Config struct {
	// Secrets are shared with the host: base64 of at least 32 random bytes, several while one is replaced.
	// Tokens are made with the first.
	Secrets []string
	// Issuer and Audience must be those of the token.
	Issuer, Audience string
}

func (c Config) keys() ([][]byte, []fault.Fault) {
	var faults fault.List
	keys := make([][]byte, len(c.Secrets))
	for i, s := range c.Secrets {
		key, err := base64.StdEncoding.DecodeString(s)
		if err != nil || len(key) < leastSecret {
			faults.Add(fmt.Sprintf("secrets[%d]", i), "form", "is no base64 of at least %d random bytes; make one with: openssl rand -base64 32", leastSecret)
		}
		keys[i] = key
	}
	if len(keys) == 0 {
		faults.Add("secrets", "required", "are missing; make one with: openssl rand -base64 32")
	}
	faults.Required("issuer", c.Issuer)
	faults.Required("audience", c.Audience)
	return keys, faults
}

// Check names what is wrong with the values.
func (c Config) Check() []fault.Fault {
	_, faults := c.keys()
	return faults
}

// Tokens are the tokens of one host.
type Tokens struct {
	db     *store.DB
	config Config
	keys   [][]byte
	parser *jwt.Parser
}

// New makes the door for tokens on a database.
func New(db *store.DB, c Config) (*Tokens, error) {
	keys, faults := c.keys()
	if err := fault.List(faults).Err("tokens cannot be taken with this configuration"); err != nil {
		return nil, err
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithIssuer(c.Issuer), jwt.WithAudience(c.Audience), jwt.WithLeeway(Leeway), jwt.WithTimeFunc(db.Now), jwt.WithStrictDecoding())
	return &Tokens{db: db, config: c, keys: keys, parser: parser}, nil
}

// Visitor is who a token speaks for.
type Visitor struct {
	Actor actor.Actor
	// Language is "" where the token does not say.
	Language locale.Language
}

// Make signs a token with the issuer and audience of the configuration, for trials and tests.
func (t *Tokens) Make(c Claims) (string, error) {
	c.Issuer, c.Audience = t.config.Issuer, t.config.Audience
	if _, err := c.visitor(); err != nil {
		return "", err
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c.registered()).SignedString(t.keys[0])
}

// Redeem takes a token, which is good for nothing afterwards. The error is fault.Forbidden where the token is
// not believed, and fault.Invalid, with a fault for each claim, where it is signed but says what cannot be.
func (t *Tokens) Redeem(ctx context.Context, token string) (Visitor, error) {
	claims, err := t.believe(token)
	if err != nil {
		return Visitor{}, err
	}
	v, err := claims.visitor()
	if err != nil {
		return Visitor{}, err
	}
	return v, t.take(ctx, claims)
}

func (t *Tokens) believe(token string) (Claims, error) {
	var last error
	if len(token) > mostToken {
		return Claims{}, fault.New(fault.Forbidden, "the sign-on token is longer than %d bytes", mostToken)
	}
	for _, key := range t.keys {
		var c signed
		_, err := t.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return key, nil })
		if err == nil {
			return c.claims(), nil
		}
		if last == nil || !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
			last = err
		}
	}
	switch {
	case errors.Is(last, jwt.ErrTokenExpired):
		return Claims{}, fault.New(fault.Forbidden, "the sign-on token is too old; open the page from the ERP again")
	case errors.Is(last, jwt.ErrTokenUsedBeforeIssued):
		return Claims{}, fault.New(fault.Forbidden, "the sign-on token is from the future; the clocks of the ERP and of this machine are more than %s apart", Leeway)
	case errors.Is(last, jwt.ErrTokenInvalidIssuer), errors.Is(last, jwt.ErrTokenInvalidAudience):
		return Claims{}, fault.New(fault.Forbidden, "the sign-on token is for somebody else: iss must be %q and aud %q", t.config.Issuer, t.config.Audience)
	}
	return Claims{}, fault.New(fault.Forbidden, "the sign-on token is not signed by the ERP with HS256 and the shared secret")
}

// used is a token that was taken.
type used struct {
	bun.BaseModel `bun:"table:crm_sign_on,alias:sign_on"`

	Company   string    `bun:"company,pk,type:nvarchar(40)"`
	TokenID   string    `bun:"token_id,pk,type:nvarchar(100)"`
	ExpiresAt time.Time `bun:"expires_at"`
}

// take notes that a token was taken, and forgets those that are too old by themselves; the primary key decides
// between two who bring the same one at once.
func (t *Tokens) take(ctx context.Context, c Claims) error {
	ctx = actor.With(ctx, actor.System(c.Company, "sign-on"))
	return t.db.Write(ctx, func(ctx context.Context, s *store.Session) error {
		if _, err := s.Exec(ctx, store.From[used](""), "DELETE FROM crm_sign_on WHERE {scope} AND expires_at < ?", s.Now); err != nil {
			return err
		}
		var n int
		if err := s.Query(ctx, &n, store.From[used]("u"), "SELECT COUNT(*) FROM crm_sign_on AS u WHERE {scope} AND u.token_id = ?", c.ID); err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Forbidden, "the sign-on token was used before; open the page from the ERP again")
		}
		return s.InsertQuiet(ctx, &used{Company: c.Company, TokenID: c.ID, ExpiresAt: time.Unix(c.Expires, 0).Add(2 * Leeway)})
	})
}

var (
	idForm    = regexp.MustCompile(`^[A-Za-z0-9._~:+/=-]{16,100}$`)
	plainText = regexp.MustCompile(`^[^\x00-\x1f\x7f]*$`)
)

// visitor is who the claims speak for; everything that is wrong with them is named at once.
func (c Claims) visitor() (Visitor, error) {
	var faults fault.List
	for _, f := range []struct {
		name, value string
		most        int
	}{{"sub", c.User, 64}, {"company", c.Company, 40}, {"name", c.Name, 120}} {
		switch {
		case strings.TrimSpace(f.value) == "":
			faults.Add(f.name, "required", "is missing")
		case len([]rune(f.value)) > f.most || !plainText.MatchString(f.value):
			faults.Add(f.name, "form", "has more than %d characters, or ones that cannot be printed", f.most)
		}
	}
	if !idForm.MatchString(c.ID) {
		faults.Add("jti", "form", "must be 16 to 100 letters and digits that nobody can guess, new for each token")
	}
	if life := time.Duration(c.Expires-c.IssuedAt) * time.Second; c.IssuedAt <= 0 || life <= 0 || life > MaxLife {
		faults.Add("exp", "range", "must be after iat, by at most %s", MaxLife)
	}
	if len(c.Teams) > 100 || len(c.Group) > 100 {
		faults.Add("teams", "count", "teams and group have at most 100 entries each")
	}
	v := Visitor{}
	if c.Language != "" {
		var known bool
		if v.Language, known = locale.ParseLanguage(c.Language); !known {
			faults.Add("lang", "choice", "%.20q is not known; give one of hu, en, he, ru, el", c.Language)
		}
	}
	see := actor.Visibility(c.See)
	if !slices.Contains([]actor.Visibility{"", actor.Own, actor.Team, actor.All}, see) {
		faults.Add("see", "choice", "%.20q is not known; give one of own, team, all", c.See)
	}
	rights := c.rights(&faults)
	v.Actor = actor.User{Company: c.Company, ID: c.User, Name: c.Name, Teams: c.Teams, Rights: rights, See: see, Group: c.Group}.Actor()
	return v, faults.Err("the sign-on token cannot be used")
}

// roles are the usual sets of rights by name.
var roles = map[string]actor.Rights{"reader": actor.Reader, "seller": actor.Seller, "manager": actor.Manager, "admin": actor.Admin}

// single are rights of no role, besides those of the widest.
var single = actor.Rights{actor.QuoteAnswer}

func (c Claims) rights(faults *fault.List) actor.Rights {
	all := slices.Concat(actor.Admin, single)
	set := slices.Clone(roles[c.Role])
	if c.Role != "" && set == nil {
		faults.Add("role", "choice", "%.20q is not known; give one of reader, seller, manager, admin", c.Role)
	}
	for i, name := range c.Rights {
		r := actor.Right(name)
		if !slices.Contains(all, r) {
			faults.Add(fmt.Sprintf("rights[%d]", i), "choice", "%.40q is no right", name)
		} else if !slices.Contains(set, r) {
			set = append(set, r)
		}
	}
	if len(c.Rights) == 0 && c.Role == "" {
		faults.Add("role", "required", "is missing; give a role (reader, seller, manager, admin) or rights")
	}
	return set
}
