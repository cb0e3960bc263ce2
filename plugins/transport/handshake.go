package transport

import (
	"fmt"
	"strconv"
	"strings"
)

// Environment returns what a plugin is started with, besides nothing: the cookie, the versions that the host speaks, its
// certificate, and the directory for the socket.
func Environment(c *Certificate, socketDir string) []string {
	return []string{
		CookieKey + "=" + CookieValue,
		"PLUGIN_PROTOCOL_VERSIONS=" + strconv.Itoa(Version),
		"PLUGIN_CLIENT_CERT=" + c.PEM(),
		"PLUGIN_UNIX_SOCKET_DIR=" + socketDir,
		"PLUGIN_MIN_PORT=10000", // of TCP, which is not used; Python's and Ruby's examples want them
		"PLUGIN_MAX_PORT=25000",
	}
}

// MaxHandshake is the greatest length of the line that a plugin begins with, in bytes: a certificate of RSA fits well.
const MaxHandshake = 8 << 10

// A Handshake is what a plugin says first: where it listens.
type Handshake struct {
	Version int    // of the messages
	Socket  string // path
	Cert    string // base64
}

// ParseHandshake reads the line `1|1|unix|/path|grpc|certificate`. More fields may follow.
func ParseHandshake(line string) (Handshake, error) {
	fields := strings.Split(strings.TrimSpace(line), "|")
	if len(fields) < 4 {
		return Handshake{}, fmt.Errorf("its first line is %q, not go-plugin's", clip(line))
	}
	for i, part := range []string{"protocol of go-plugin", "messages"} {
		want := []int{coreVersion, Version}[i]
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			return Handshake{}, fmt.Errorf("its first line is %q, not go-plugin's", clip(line))
		}
		if n != want {
			return Handshake{}, fmt.Errorf("it speaks version %d of the %s, this feign speaks %d", n, part, want)
		}
	}
	if fields[2] != "unix" {
		return Handshake{}, fmt.Errorf("it listens on %q, not on a unix socket", clip(fields[2]))
	}
	if !strings.HasPrefix(fields[3], "/") || strings.ContainsRune(fields[3], 0) {
		return Handshake{}, fmt.Errorf("its socket %q is no absolute path", clip(fields[3]))
	}
	if len(fields) < 6 || fields[4] != "grpc" {
		return Handshake{}, fmt.Errorf("it speaks net/rpc or no TLS, not gRPC with AutoMTLS")
	}
	return Handshake{Version, fields[3], fields[5]}, nil
}

func clip(s string) string { return clipTo(s, 60) }

func clipTo(s string, limit int) string {
	s = strings.TrimSpace(s)
	if len(s) > limit {
		return s[:limit-3] + "..."
	}
	return s
}
