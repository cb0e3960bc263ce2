package transport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A message of gRPC is five bytes before its own: whether it is compressed, and its length.
const frameHeader = 5

func writeFrame(w io.Writer, message []byte) error {
	_, err := w.Write(frame(message))
	return err
}

func frame(message []byte) []byte {
	b := make([]byte, frameHeader, frameHeader+len(message))
	binary.BigEndian.PutUint32(b[1:], uint32(len(message)))
	return append(b, message...)
}

// readFrame reads the one message of a unary call, to the end of the stream. io.EOF says that there is none.
func readFrame(r io.Reader) ([]byte, error) {
	var head [frameHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if head[0] != 0 {
		return nil, errors.New("a compressed message, which nobody asked for")
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > MaxMessage {
		return nil, fmt.Errorf("a message of %d bytes, more than %d", n, MaxMessage)
	}
	// Read as it comes: a length alone must not fill the memory.
	message, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err != nil {
		return nil, err
	}
	if len(message) < int(n) {
		return nil, io.ErrUnexpectedEOF
	}
	if extra, _ := io.CopyN(io.Discard, r, 1); extra > 0 {
		return nil, errors.New("more than one message")
	}
	return message, nil
}
