package signon

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// signed are the claims as the library reads and checks them; hosts write aud as a text or as a list.
type signed struct {
	jwt.RegisteredClaims
	Company  string   `json:"company"`
	Group    []string `json:"group,omitempty"`
	Name     string   `json:"name"`
	Teams    []string `json:"teams,omitempty"`
	Role     string   `json:"role,omitempty"`
	Rights   []string `json:"rights,omitempty"`
	See      string   `json:"see,omitempty"`
	Language string   `json:"lang,omitempty"`
}

func (s signed) claims() Claims {
	c := Claims{
		Issuer: s.Issuer, User: s.Subject, Company: s.Company, Group: s.Group, Name: s.Name, Teams: s.Teams,
		Role: s.Role, Rights: s.Rights, See: s.See, Language: s.Language, ID: s.ID,
	}
	if s.IssuedAt != nil {
		c.IssuedAt = s.IssuedAt.Unix()
	}
	if s.ExpiresAt != nil {
		c.Expires = s.ExpiresAt.Unix()
	}
	return c
}

func (c Claims) registered() signed {
	return signed{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: c.Issuer, Audience: jwt.ClaimStrings{c.Audience}, Subject: c.User, ID: c.ID,
			IssuedAt: jwt.NewNumericDate(time.Unix(c.IssuedAt, 0)), ExpiresAt: jwt.NewNumericDate(time.Unix(c.Expires, 0)),
		},
		Company: c.Company, Group: c.Group, Name: c.Name, Teams: c.Teams, Role: c.Role, Rights: c.Rights, See: c.See, Language: c.Language,
	}
}
