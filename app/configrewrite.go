package app

import "github.com/pelletier/go-toml/v2"

// rewrite writes the whole file anew, keeping the keys of text that are not ours.
func rewrite(text []byte, config Config) ([]byte, error) {
	all := map[string]any{}
	if err := toml.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	for _, v := range config.values() {
		section := all
		if v.section != "" {
			section, _ = all[v.section].(map[string]any)
		}
		if _, there := section[v.key]; !there && v.goesUnsaid() {
			continue
		}
		if section == nil {
			section = map[string]any{}
			all[v.section] = section
		}
		section[v.key] = v.is
	}

	cameras := []map[string]any{}
	for _, c := range config.Cameras {
		cameras = append(cameras, mergeInto(all["cameras"], "id", c.values()))
	}
	all["cameras"] = cameras
	if share, ok := all["share"].(map[string]any); ok && len(config.Share.Links) > 0 {
		var links []map[string]any
		for _, l := range config.Share.Links {
			links = append(links, mergeInto(share["links"], "token", l.values()))
		}
		share["links"] = links
	} else if ok {
		delete(share, "links")
	}
	written, err := toml.Marshal(all)
	return append([]byte(newText), written...), err
}

// mergeInto is the table in list whose value of key is that in values, with
// values in it; an empty one where there is none.
func mergeInto(list any, key string, values []value) map[string]any {
	out := map[string]any{}
	tables, _ := list.([]any)
	for _, v := range values {
		for _, t := range tables {
			if m, ok := t.(map[string]any); ok && v.key == key && m[key] == v.is {
				out = m
			}
		}
	}
	for _, v := range values {
		if _, there := out[v.key]; there || !v.goesUnsaid() {
			out[v.key] = v.is
		}
	}
	return out
}
