package activity

import "github.com/crmplus/crmplus/crm/fault"

// Check gives the file with a safe name and the type found in its content, and what is wrong with it, as
// [Activities.Attach] would: programs, contents that are not what their names say, and what is too large.
// It is for packages that send files elsewhere.
func (f File) Check() (File, []fault.Fault) {
	f.Name = CleanName(f.Name)
	f.MIME, _ = fileType(f.Name, f.Content)
	return f, checkFiles([]File{f}, 0)
}
