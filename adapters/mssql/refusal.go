package mssql

import (
	"errors"
	"net"
	"strings"
)

// remedy says why a connection could not be made, and what to do about it.
func remedy(err error) string {
	var dial *net.OpError
	switch text := err.Error(); {
	case number(err, 18456, 18452, 18470, 18486, 18487, 18488):
		return "SQL Server refuses the login; see that user and password are right, and that letters like @ : / % in them are written %40 %3A %2F %25"
	case number(err, 4060, 911):
		return "SQL Server has no database of that name, or the login may not open it; name it by ?database=name, and give the login a user there"
	case strings.Contains(text, "certificate"):
		return "the certificate of SQL Server is not trusted here; have it installed, or add &TrustServerCertificate=true on a network of your own"
	case strings.Contains(text, "server does not support encryption"):
		return "SQL Server answers unencrypted only; add &encrypt=disable on a network of your own"
	case errors.As(err, &dial):
		return "nobody answers there as SQL Server; see that name and port (server:1433) or instance (server/INSTANCE) are right, that TCP/IP is enabled for the server, and that no firewall stands between"
	}
	return "SQL Server does not answer; see that name, port and network are right"
}
