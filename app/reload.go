package app

import (
	"bytes"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the config file must be left alone before it is read:
// editors write in several steps.
const settle = 100 * time.Millisecond

// watchFile returns a channel that gets a value when the config file may have
// changed. Where the system cannot tell, it never does. stop ends the watching
// and waits.
func (a *App) watchFile() (changed <-chan struct{}, stop func()) {
	reload := make(chan struct{}, 1)
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		a.opt.Log.Warn("the config file is not watched", "err", err)
		return reload, func() {}
	}
	// The folder is watched, not the file: a save puts a new file in its place.
	dir := filepath.Dir(a.opt.ConfigFile)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		a.opt.Log.Warn("the config folder cannot be made", "err", err)
	}
	if err := watcher.Add(dir); err != nil {
		a.opt.Log.Warn("the config file is not watched", "err", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		quiet := time.NewTimer(0)
		quiet.Stop()
		defer quiet.Stop()
		for {
			select {
			case event, ok := <-watcher.Events:
				if !ok {
					return
				}
				if filepath.Base(event.Name) == filepath.Base(a.opt.ConfigFile) {
					quiet.Reset(settle)
				}
			case _, ok := <-watcher.Errors:
				if !ok {
					return
				}
				quiet.Reset(settle) // events were lost: look
			case <-quiet.C:
				poke(reload)
			}
		}
	}()
	return reload, func() { watcher.Close(); <-done }
}

// reload takes over what a person changed in the config file. A file that cannot
// be read changes nothing and is told of. Called by Run alone.
func (a *App) reload() {
	a.mu.Lock()
	text, err := os.ReadFile(a.file.path)
	if err != nil || bytes.Equal(text, a.file.text) {
		a.mu.Unlock()
		return // our own save, or a moment between two files
	}
	config, notices, err := a.file.parse(text)
	if err != nil {
		a.opt.Log.Error("config file is not taken over", "err", err)
		a.notices = []string{"Your change of the settings is not in use: " + err.Error() + "."}
		a.mu.Unlock()
		poke(a.changed)
		return
	}
	a.opt.Log.Info("config file was changed and is taken over")
	a.file.text = text
	move := config.Port != a.config.Port && a.opt.Port == nil
	a.config, a.notices = config, append(notices, config.notices()...)
	a.mu.Unlock()
	if move {
		a.movePort()
	}
	poke(a.work)
	poke(a.changed)
}

// movePort takes the config's port, and lets the old one go once it has it.
func (a *App) movePort() {
	a.mu.Lock()
	port := a.config.Port
	a.mu.Unlock()
	l, err := listen(port)
	if err != nil {
		a.opt.Log.Error("port stays as it is", "err", err)
		a.mu.Lock()
		a.notices = append(a.notices, "The port stays as it is: "+err.Error()+".")
		a.mu.Unlock()
		return
	}
	a.closePort()
	a.mu.Lock()
	a.listening = l
	a.mu.Unlock()
}
