package app

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"traycam/sentence"
	"traycam/streaming/camera"
)

// unlockEvery is how often a keyring is asked again for a password that it did not give.
const unlockEvery = 30 * time.Second

// keepPassword moves the password of a camera's address, and the one that its
// reference stands for, into the keyring under a name of its own, where there is a keyring that
// can be used; else it stays in the address, and so in the config file. Not to be
// called with a.mu held: a keyring may take seconds.
func (a *App) keepPassword(c *CameraConfig) error {
	if c.Password != "" { // a copy of another camera, whose password goes when that camera does
		password, err := a.password(c.Password)
		if err != nil {
			return err
		}
		c.URL, c.Password = withPassword(c.URL, password), ""
	}
	without, password := splitPassword(c.URL)
	if password == "" || a.secrets == nil {
		return nil
	}
	ref, err := a.secrets.put(newID(c.Name, nil)+"-"+strings.ToLower(rand.Text()[:8]), password)
	if err != nil {
		a.opt.Log.Info("a password stays in the config file", "camera", c.Name, "why", err)
		return nil
	}
	c.URL, c.Password = without, ref
	a.mu.Lock()
	defer a.mu.Unlock()
	a.passwords[ref] = password
	return nil
}

// password is what a reference in the config file stands for.
func (a *App) password(ref string) (string, error) {
	a.mu.Lock()
	password, known := a.passwords[ref]
	a.mu.Unlock()
	if known {
		return password, nil
	}
	if a.secrets == nil {
		return "", errNoKeyring
	}
	password, err := a.secrets.get(ref)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		a.withheld[ref] = err
		return "", err
	}
	a.passwords[ref] = password
	delete(a.withheld, ref)
	return password, nil
}

// forgetPassword removes what no camera has any more from the keyring.
func (a *App) forgetPassword(ref string) {
	if ref == "" || a.secrets == nil {
		return
	}
	if err := a.secrets.remove(ref); err != nil {
		a.opt.Log.Info("a password stays in the keyring", "why", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.passwords, ref)
}

// fetchPasswords asks the keyring for the passwords that cameras need, and again
// for those that it did not give, until ctx is done.
func (a *App) fetchPasswords(ctx context.Context) {
	tick := time.NewTicker(unlockEvery)
	defer tick.Stop()
	for {
		for _, ref := range a.missingPasswords() {
			if ctx.Err() != nil {
				return
			}
			if _, err := a.password(ref); err == nil {
				poke(a.work)
			} else {
				poke(a.changed)
			}
		}
		select {
		case <-a.needPassword:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (a *App) missingPasswords() (refs []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.config.Cameras {
		if _, known := a.passwords[c.Password]; c.Password != "" && c.Enabled && !known {
			refs = append(refs, c.Password)
		}
	}
	return refs
}

// locked is the status of a camera whose password the keyring has not given, nil
// for all others. a.mu is held.
func (a *App) locked(c CameraConfig) *camera.Status {
	if _, known := a.passwords[c.Password]; c.Password == "" || !c.Enabled || known || !a.running {
		return nil
	}
	err, asked := a.withheld[c.Password]
	if !asked {
		return &camera.Status{State: camera.Connecting}
	}
	return &camera.Status{State: camera.Retrying, Reason: camera.Reason{
		Sentence: "This camera's password cannot be read: %v", Detail: sentence.Of(err),
	}}
}
