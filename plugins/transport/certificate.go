package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"time"
)

// serverName is what go-plugin's certificates are made out to, on every machine.
const serverName = "localhost"

// A Certificate is one side's, made for one start of a plugin.
type Certificate struct{ pair tls.Certificate }

// NewCertificate makes a certificate and its key, as go-plugin's AutoMTLS does.
func NewCertificate() (*Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: serverName, Organization: []string{"feign"}},
		DNSNames:              []string{serverName},
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement | x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true, // it stands for itself: the other side trusts this one alone
		SerialNumber:          serial,
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.AddDate(30, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &Certificate{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}}, nil
}

// PEM returns the certificate as the host gives it to a plugin.
func (c *Certificate) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.pair.Certificate[0]}))
}

// line returns the certificate as a plugin gives it to its host.
func (c *Certificate) line() string {
	return base64.RawStdEncoding.EncodeToString(c.pair.Certificate[0])
}

// client returns what the host's side of a connection wants of a plugin with the certificate of its handshake.
func (c *Certificate) client(plugin string) (*tls.Config, error) {
	// As go-plugin: padding or not.
	der, err := base64.RawStdEncoding.DecodeString(plugin)
	if err != nil {
		if der, err = base64.StdEncoding.DecodeString(plugin); err != nil {
			return nil, errors.New("its certificate is not base64")
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, errors.New("its certificate is none")
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: serverName, RootCAs: pool,
		Certificates: []tls.Certificate{c.pair}, NextProtos: []string{"h2"},
	}, nil
}

// server returns what a plugin's side of a connection wants of the host with that certificate.
func (c *Certificate) server(host string) (*tls.Config, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(host)) {
		return nil, errors.New("the host's certificate is none")
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
		Certificates: []tls.Certificate{c.pair}, NextProtos: []string{"h2"},
	}, nil
}
