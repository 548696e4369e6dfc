package camera

import (
	"encoding/binary"
	"errors"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmjpeg"
	"github.com/pion/rtp"
)

// rtpPictures makes JPEGs of RTP packets (RFC 2435). What the library's decoder
// lacks, it puts right on the way: restart intervals, and quantization tables
// that are sent once.
type rtpPictures struct {
	decoder  rtpmjpeg.Decoder
	tables   [256][]byte // quantization table header and data, by Q
	interval uint16      // restart interval; 0: none
	broken   bool        // the picture that arrives now
	pieces   int         // of it, that came

	packets int // that came
	whole   int // pictures that were taken; counted by the owner
}

// Sizes in bytes (RFC 2435, 3.1, 3.1.7, 3.1.8).
const (
	mainHeader    = 8
	restartHeader = 4
	tableHeader   = 4
)

// mostPieces is how many packets a picture may come in. Its size is below 16 MiB
// anyhow, since the offset of a piece has 24 bits.
const mostPieces = 1 << 15

// add takes a packet, and returns the picture that it ends. lost tells that a
// picture was lost, once for each.
func (r *rtpPictures) add(p *rtp.Packet) (picture []byte, lost bool) {
	r.packets++
	if begins(p.Payload) {
		r.broken, r.pieces = false, 0
	}
	if r.pieces++; r.pieces > mostPieces { // the decoder keeps every one, empty ones too
		lost, r.broken = !r.broken, true
		r.decoder = rtpmjpeg.Decoder{}
		return nil, lost
	}
	plain := *p
	var ok bool
	if plain.Payload, ok = r.plain(p.Payload); !ok {
		lost, r.broken = !r.broken, true
		return nil, lost
	}
	data, err := r.decoder.Decode(&plain)
	switch {
	case errors.Is(err, rtpmjpeg.ErrMorePacketsNeeded), errors.Is(err, rtpmjpeg.ErrNonStartingPacketAndNoPrevious):
		return nil, false
	case err != nil:
		lost, r.broken = !r.broken, true
		return nil, lost
	}
	return withInterval(data, r.interval), false
}

func begins(payload []byte) bool {
	return len(payload) >= mainHeader && payload[1] == 0 && payload[2] == 0 && payload[3] == 0
}

// plain is a payload without a restart header and with its tables.
func (r *rtpPictures) plain(payload []byte) ([]byte, bool) {
	if len(payload) < mainHeader {
		return nil, false
	}
	header, rest := payload[:mainHeader:mainHeader], payload[mainHeader:]
	r.interval = 0
	if kind := header[4]; kind >= 64 && kind < 128 {
		if len(rest) < restartHeader {
			return nil, false
		}
		r.interval = binary.BigEndian.Uint16(rest)
		rest = rest[restartHeader:]
		header = append([]byte{}, header...)
		header[4] = kind - 64
	}
	if q := header[5]; q >= 128 && begins(payload) {
		if len(rest) < tableHeader {
			return nil, false
		}
		length := tableHeader + int(binary.BigEndian.Uint16(rest[2:]))
		switch {
		case length > len(rest):
			return nil, false
		case length > tableHeader:
			r.tables[q] = append([]byte{}, rest[:length]...)
		case r.tables[q] == nil:
			return nil, false
		}
		rest = append(r.tables[q][:len(r.tables[q]):len(r.tables[q])], rest[length:]...)
	}
	return append(header[:mainHeader:mainHeader], rest...), true
}

// withInterval puts a restart interval into a picture (T.81, B.2.4.4).
func withInterval(data []byte, interval uint16) []byte {
	if interval == 0 || len(data) < 2 {
		return data
	}
	out := append(make([]byte, 0, len(data)+6), data[:2]...)
	out = binary.BigEndian.AppendUint16(append(out, 0xFF, 0xDD, 0, 4), interval)
	return append(out, data[2:]...)
}
