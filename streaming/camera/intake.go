package camera

import (
	"errors"
	"io"
	"net"
	"os"
	"time"

	"traycam/streaming/jpeg"
)

// formats are the names of how pictures follow one another.
var formats = map[jpeg.Shape]string{
	jpeg.Bare:           "bare JPEGs",
	jpeg.Multipart:      "multipart",
	jpeg.LengthPrefixed: "JPEGs with a length before each",
}

// An intake takes pictures from a connection.
type intake struct {
	conn net.Conn
	r    *jpeg.Reader // of what conn brings
	out  *Output
	lost tally

	within time.Duration // for the picture that is coming
	due    time.Time     // when it is over
}

// stoodStill is how late a deadline is told of by a program that was paused, or
// whose computer was: the fault is not the camera's.
const stoodStill = 2 * time.Second

// steady reads from an intake's connection. What has waited there while the
// program stood still is read, and the camera, which may not connect again, has
// its time anew.
type steady struct {
	*intake
	from io.Reader
}

func (s steady) Read(b []byte) (int, error) {
	n, err := s.from.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) && time.Since(s.due) > stoodStill && s.wait() == nil {
		return s.from.Read(b)
	}
	return n, err
}

// wait begins the time for a picture.
func (i *intake) wait() error {
	i.due = time.Now().Add(i.within)
	return i.conn.SetReadDeadline(i.due)
}

// tally tells what a Reader has lost and repaired since it told that last.
type tally struct{ told jpeg.Stats }

func (t *tally) tell(out *Output, now jpeg.Stats) {
	out.Lost(now.Dropped()-t.told.Dropped(), now.Repaired-t.told.Repaired)
	t.told = now
}

// next is the next whole picture, which has to come within a time.
func (i *intake) next(within time.Duration) (jpeg.Image, error) {
	i.within = within
	if err := i.wait(); err != nil {
		return jpeg.Image{}, err
	}
	image, err := i.r.Next()
	i.lost.tell(i.out, i.r.Stats())
	return image, err
}

// stream gives pictures to picture until none has come for StallAfter or the
// connection ends, and returns an error that says why. format "": as they come.
func (i *intake) stream(address, format string, picture func(jpeg.Image, time.Time)) error {
	for {
		image, err := i.next(StallAfter)
		if err != nil {
			return streamProblem(address, i.r, err)
		}
		picture(image, time.Now())
		if format == "" {
			i.out.Format(formats[i.r.Stats().Shape])
		} else {
			i.out.Format(format)
		}
	}
}
