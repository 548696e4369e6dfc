package app

import (
	"slices"

	"traycam/sentence"
)

// The commands that change the list of cameras. Each saves, and changes nothing
// where that cannot be done. Errors are sentences.

// AddCamera adds a camera. The ID is c.ID where there is one and it is free,
// else made from the name.
func (a *App) AddCamera(c CameraConfig) (id string, err error) {
	return a.insert(c, maxCameras, false)
}

// insert adds a camera at a place in the list of its kind, or as near as can be.
func (a *App) insert(c CameraConfig, at int, temporary bool) (id string, err error) {
	named := c
	named.ID = "none"
	if err := named.asError(); err != nil {
		return "", err
	}
	if !temporary {
		if err := a.keepPassword(&c); err != nil {
			return "", err
		}
	}
	err = a.change(func(config *Config) error {
		c.ID = freeID(c, slices.Concat(config.Cameras, a.temporary))
		if temporary {
			a.temporary = slices.Insert(slices.Clone(a.temporary), min(at, len(a.temporary)), c)
			return nil
		}
		if len(config.Cameras) >= maxCameras {
			return sentence.Errorf("there can be no more than %d cameras", maxCameras)
		}
		config.Cameras = slices.Insert(config.Cameras, min(at, len(config.Cameras)), c)
		return nil
	})
	if err != nil {
		a.forgetPassword(c.Password)
	}
	return c.ID, err
}

// UpdateCamera changes the camera with c.ID. Only that camera is restarted, and
// only if it has to.
func (a *App) UpdateCamera(c CameraConfig) error {
	if err := c.asError(); err != nil {
		return err
	}
	before, found := a.camera(c.ID)
	if !found {
		return errGone
	}
	kept := c.Password != before.Password || c.Password == ""
	if kept {
		if err := a.keepPassword(&c); err != nil {
			return err
		}
	}
	err := a.edit(c.ID, func(now *CameraConfig) { *now = c })
	switch {
	case err != nil && kept:
		a.forgetPassword(c.Password)
	case err == nil && c.Password != before.Password:
		a.forgetPassword(before.Password)
	}
	return err
}

// SwitchCamera switches a camera on or off.
func (a *App) SwitchCamera(id string, on bool) error {
	return a.edit(id, func(c *CameraConfig) { c.Enabled = on })
}

// edit changes one camera.
func (a *App) edit(id string, edit func(*CameraConfig)) error {
	is := func(c CameraConfig) bool { return c.ID == id }
	return a.change(func(config *Config) error {
		if i := slices.IndexFunc(config.Cameras, is); i >= 0 {
			edit(&config.Cameras[i])
			return nil
		}
		i := slices.IndexFunc(a.temporary, is)
		if i < 0 {
			return errGone
		}
		a.temporary = slices.Clone(a.temporary)
		edit(&a.temporary[i])
		return nil
	})
}

// RemoveCamera removes a camera. Its streams end. undo brings it back to its place.
func (a *App) RemoveCamera(id string) (undo func() error, err error) {
	is := func(c CameraConfig) bool { return c.ID == id }
	var removed CameraConfig
	var at int
	var temporary bool
	err = a.change(func(config *Config) error {
		from := &config.Cameras
		at = slices.IndexFunc(*from, is)
		if temporary = at < 0; temporary {
			a.temporary = slices.Clone(a.temporary)
			from = &a.temporary
			at = slices.IndexFunc(*from, is)
		}
		if at < 0 {
			return errGone
		}
		removed = (*from)[at]
		*from = slices.Delete(*from, at, at+1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if removed.Password != "" {
		if password, err := a.password(removed.Password); err == nil {
			a.forgetPassword(removed.Password)
			removed.URL, removed.Password = withPassword(removed.URL, password), ""
		}
	}
	return func() error {
		_, err := a.insert(removed, at, temporary)
		return err
	}, nil
}

// MoveCamera puts a camera at a place in the list, from 0, and saves. Cameras
// that are there for this run only stay behind the others.
func (a *App) MoveCamera(id string, to int) error {
	return a.change(func(config *Config) error {
		if move(config.Cameras, id, to) {
			return nil
		}
		temporary := slices.Clone(a.temporary)
		if !move(temporary, id, to-len(config.Cameras)) {
			return errGone
		}
		a.temporary = temporary
		return nil
	})
}

// move puts the camera with that id at place to, or as near as there is one.
func move(cameras []CameraConfig, id string, to int) bool {
	from := slices.IndexFunc(cameras, func(c CameraConfig) bool { return c.ID == id })
	if from < 0 {
		return false
	}
	c := cameras[from]
	to = min(max(to, 0), len(cameras)-1)
	if from < to {
		copy(cameras[from:], cameras[from+1:to+1])
	} else {
		copy(cameras[to+1:], cameras[to:from])
	}
	cameras[to] = c
	return true
}

// DemoCameras are what a person can try Traycam with who has no camera.
func DemoCameras() []CameraConfig {
	return []CameraConfig{
		{Name: "Demo garden", URL: "test:?size=640x360&fps=15", Enabled: true},
		{Name: "Demo workshop", URL: "test:?size=640x360&fps=12", Enabled: true},
	}
}

// AddDemo adds the demo cameras for this run, unless they are there, and starts
// streaming.
func (a *App) AddDemo() error {
	for _, c := range DemoCameras() {
		if a.has(c) {
			continue
		}
		if _, err := a.insert(c, maxCameras, true); err != nil {
			return err
		}
	}
	a.Start()
	return nil
}

// has tells whether there is a camera of that name and address.
func (a *App) has(c CameraConfig) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(a.everyCamera(), func(o CameraConfig) bool {
		return o.Name == c.Name && o.URL == c.URL
	})
}

// camera finds a camera.
func (a *App) camera(id string) (CameraConfig, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.everyCamera()
	i := slices.IndexFunc(all, func(c CameraConfig) bool { return c.ID == id })
	if i < 0 {
		return CameraConfig{}, false
	}
	return all[i], true
}

var errGone = sentence.Errorf("this camera has been removed in the meantime")

func (c CameraConfig) asError() error {
	if wrong := c.check(); wrong != nil {
		return wrong.Say
	}
	return nil
}
