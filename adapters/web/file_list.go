package web

import (
	"net/http"

	"github.com/crmplus/crmplus/crm/activity"
	"github.com/crmplus/crmplus/crm/actor"
	"github.com/crmplus/crmplus/crm/store"
)

func (s *screens) fileRoutes() []route {
	return []route{
		{Pattern: "GET /files", Right: actor.ActivityRead, Do: s.listFiles},
		{Pattern: "GET /files/{id}", Right: actor.ActivityRead, Do: s.sendFile},
		{Pattern: "GET /files/{id}/show", Right: actor.ActivityRead, Do: s.showFile},
		{Pattern: "POST /attachments/{id}/remove", Right: actor.ActivityWrite, Do: s.detach},
	}
}

// fileList is the page of files.
type fileList struct {
	Form        *input
	Rows        []fileRow
	First, Next string
	// Newest and Named are the addresses of the two orders.
	Newest, Named string
	ByName        bool
}

type fileRow struct {
	activity.FileRow
	Path, Show, On, OnName, Who, Icon string
}

func (s *screens) listFiles(v *visit) error {
	f := v.asked()
	d := fileList{Form: f, ByName: f.text("sort") == string(activity.ByFileName)}
	d.Newest, d.Named = queryWith(v.r.URL.String(), "sort", ""), queryWith(v.r.URL.String(), "sort", "name")
	filter := activity.FileFilter{Name: f.text("find"), Page: store.Page{Limit: listPage, After: f.text("after")}}
	if d.ByName {
		filter.Sort = activity.ByFileName
	}
	list, err := v.module().Activities.Files(v.ctx(), filter)
	if err != nil {
		return err
	}
	names, err := v.names()
	if err != nil {
		return err
	}
	for _, r := range list.Files {
		row := fileRow{FileRow: r, Path: v.link("/files", r.ID.String()), Who: names[r.AddedBy], Icon: "paperclip", On: v.link("/parties", r.PartyID.String()), OnName: r.PartyName}
		if row.Who == "" {
			row.Who = v.programName(r.AddedBy)
		}
		if (activity.File{MIME: r.MIME}).Inline() {
			row.Show, row.Icon = row.Path+"/show", "file-image"
		}
		if !r.OpportunityID.IsZero() {
			row.On, row.OnName = v.link("/opportunities", r.OpportunityID.String()), r.OpportunityName
		}
		d.Rows = append(d.Rows, row)
	}
	if list.Next != "" {
		d.Next = withAfter(v.r.URL.String(), list.Next)
	}
	if f.text("after") != "" {
		d.First = withAfter(v.r.URL.String(), "")
	}
	if v.part() && v.target() == "list" {
		return v.fill(http.StatusOK, "file_list", "list", d)
	}
	return v.show(http.StatusOK, "file_list", head{Title: v.t("menu.files"), Section: "files"}, d)
}

// fileView is the preview of a file.
type fileView struct {
	Name, Path, Save string
	Size             int64
	Picture, Inline  bool
}

func (s *screens) showFile(v *visit) error {
	id, err := key[activity.AttachmentTag](v, "id")
	if err != nil {
		return err
	}
	file, err := v.module().Activities.Download(v.ctx(), id)
	if err != nil {
		return err
	}
	path := v.link("/files", id.String())
	d := fileView{Name: file.Name, Path: path, Save: path + "?save=1", Size: int64(len(file.Content)), Inline: file.Inline(), Picture: file.Inline() && file.MIME != "application/pdf"}
	return v.dialog("file_show", http.StatusOK, head{Title: file.Name, Section: "files", Crumbs: []crumb{{v.t("menu.files"), v.link("/files")}}}, d)
}

// sendFile gives a file to the browser: pictures and PDFs are shown, everything else is saved.
func (s *screens) sendFile(v *visit) error {
	id, err := key[activity.AttachmentTag](v, "id")
	if err != nil {
		return err
	}
	file, err := v.module().Activities.Download(v.ctx(), id)
	if err != nil {
		return err
	}
	return v.send(download{Name: file.Name, Type: file.MIME, Inline: file.Inline() && !v.asked().on("save"), Content: file.Content})
}

// detach takes a file off its activity.
func (s *screens) detach(v *visit) error {
	id, err := key[activity.AttachmentTag](v, "id")
	if err != nil {
		return err
	}
	if err := v.module().Activities.Detach(v.ctx(), id); err != nil {
		return err
	}
	v.done("files.removed")
	return v.redirect(v.back(v.link("/files")))
}
