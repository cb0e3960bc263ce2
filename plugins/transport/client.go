package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"

	"google.golang.org/protobuf/proto"
)

// A Client is the host's end of the connection to one plugin.
type Client struct {
	http  *http.Transport
	conn  net.Conn
	calls atomic.Int64
}

// Dial connects to a plugin. It connects once: when the connection is lost, so is the plugin.
func Dial(ctx context.Context, h Handshake, own *Certificate) (*Client, error) {
	config, err := own.client(h.Cert)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	raw, err := d.DialContext(ctx, "unix", h.Socket)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	var used atomic.Bool
	t := &http.Transport{
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			if used.Swap(true) {
				return nil, errLost
			}
			return conn, nil
		},
		Protocols:              new(http.Protocols),
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
	}
	t.Protocols.SetHTTP2(true)
	return &Client{http: t, conn: conn}, nil
}

var errLost = errors.New("the connection is lost")

// Close ends the connection.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return c.conn.Close()
}

// Calls returns how many calls were made.
func (c *Client) Calls() int64 { return c.calls.Load() }

// A StatusError is an error that the plugin answered.
type StatusError struct {
	Code    int // of gRPC
	Message string
}

func (e *StatusError) Error() string {
	if e.Message == "" {
		return "gRPC status " + strconv.Itoa(e.Code)
	}
	return clipTo(e.Message, maxStatus)
}

// maxStatus keeps what a plugin says one line that can be read, in bytes.
const maxStatus = 500

// Unimplemented is the gRPC status of a call that the plugin does not have.
const Unimplemented = 12

// unknown is the gRPC status of an error that has no other.
const unknown = 2

// Call makes a call. Its time is ctx's; the plugin is told of it.
func (c *Client) Call(ctx context.Context, path string, request, reply proto.Message) error {
	c.calls.Add(1)
	message, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	req := &http.Request{
		Method: http.MethodPost,
		URL:    &url.URL{Scheme: "https", Host: serverName, Path: path},
		Header: http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "User-Agent": {"feign"}},
		Body:   io.NopCloser(bytes.NewReader(frame(message))),
	}
	resp, err := c.http.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP status %d", resp.StatusCode)
	}
	body, readErr := readFrame(resp.Body)
	if readErr != nil && readErr != io.EOF {
		return readErr
	}
	if err := statusOf(resp); err != nil {
		return err
	}
	if readErr != nil {
		return errors.New("an answer without a message")
	}
	return proto.Unmarshal(body, reply)
}

// statusOf reads the status of a call: in the trailers, or in the headers of an answer that has nothing else.
func statusOf(resp *http.Response) error {
	from := resp.Trailer
	if from.Get("Grpc-Status") == "" {
		from = resp.Header
	}
	code, err := strconv.Atoi(from.Get("Grpc-Status"))
	switch {
	case err != nil:
		return errors.New("an answer without a status")
	case code == 0:
		return nil
	}
	text, err := url.PathUnescape(from.Get("Grpc-Message"))
	if err != nil {
		text = from.Get("Grpc-Message")
	}
	return &StatusError{code, text}
}

// Shutdown asks the plugin to end.
func (c *Client) Shutdown(ctx context.Context) error {
	return c.Call(ctx, callShutdown, empty, empty)
}
