package app

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"traycam/sentence"
)

// settle is how long the config file must be left alone before it is read:
// editors write in several steps.
const settle = 100 * time.Millisecond

// folderBack is how often it is seen whether the config's folder, which went, is
// back, and can be watched.
const folderBack = time.Second

// watchFile makes a.look get a value when the config file may have changed,
// until stop is called, which waits. Where the system cannot tell, it never does.
func (a *App) watchFile() (stop func()) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		a.opt.Log.Warn("the config file is not watched", "err", err)
		return func() {}
	}
	// The folder is watched, not the file: a save puts a new file in its place.
	// Where the file is a link, the folder of what it points to as well.
	if err := os.MkdirAll(filepath.Dir(a.opt.ConfigFile), 0o700); err != nil {
		a.opt.Log.Warn("the config folder cannot be made", "err", err)
	}
	names := []string{a.opt.ConfigFile}
	if target, err := filepath.EvalSymlinks(a.opt.ConfigFile); err == nil && target != a.opt.ConfigFile {
		names = append(names, target)
	}
	var bases, folders []string
	for _, name := range names {
		bases = append(bases, filepath.Base(name))
		folders = append(folders, filepath.Dir(name))
	}
	watch := func() (err error) {
		for _, folder := range folders {
			err = errors.Join(err, watcher.Add(folder))
		}
		return err
	}
	unwatched := watch()
	if unwatched != nil {
		a.opt.Log.Warn("the config file is not watched yet", "err", unwatched)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		quiet := time.NewTimer(settle) // it may have been changed since it was read
		defer quiet.Stop()
		back := time.NewTicker(folderBack)
		defer back.Stop()
		if unwatched == nil {
			back.Stop()
		}
		for {
			select {
			case event, ok := <-watcher.Events:
				if !ok {
					return
				}
				if slices.Contains(bases, filepath.Base(event.Name)) {
					quiet.Reset(settle)
				}
				if slices.Contains(folders, event.Name) && event.Has(fsnotify.Remove|fsnotify.Rename) {
					back.Reset(folderBack)
				}
			case <-back.C:
				if watch() == nil {
					back.Stop()
					quiet.Reset(settle)
				}
			case _, ok := <-watcher.Errors:
				if !ok {
					return
				}
				quiet.Reset(settle) // events were lost: look
			case <-quiet.C:
				poke(a.look)
			}
		}
	}()
	return func() { watcher.Close(); <-done }
}

// reload takes over what a person changed in the config file. A file that cannot
// be read changes nothing and is told of. Called by Run alone.
func (a *App) reload() {
	a.mu.Lock()
	defer a.mu.Unlock()
	defer poke(a.changed)
	text, err := readConfig(a.file.path)
	if errors.Is(err, fs.ErrNotExist) {
		return // a moment between two files
	}
	if err != nil {
		a.opt.Log.Error("config file is not taken over", "err", err)
		a.unread = sentence.Errorf("your change of the settings is not in use: config file %s cannot be read: %w", a.file.path, err)
		return
	}
	if bytes.Equal(text, a.file.text) {
		a.unread = nil // our own save, or a mistake that was taken back
		return
	}
	config, unknown, err := a.file.parse(text)
	if err != nil {
		a.opt.Log.Error("config file is not taken over", "err", err)
		a.unread = sentence.Errorf("your change of the settings is not in use: %w", err)
		return
	}
	a.opt.Log.Info("config file was changed and is taken over")
	a.file.text = text
	a.config, a.unknown, a.unread = config, unknown, nil
	a.letIn()
	// The file's cameras have the first right to their ids.
	temporary := a.temporary
	a.temporary = nil
	for _, c := range temporary {
		c.ID = freeID(c, slices.Concat(config.Cameras, a.temporary))
		a.temporary = append(a.temporary, c)
	}
	poke(a.work)
}
