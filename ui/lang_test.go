package ui

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// places are the folders whose texts people read.
var places = []string{".", "../app", "../discover", "../streaming", "../streaming/camera", "../streaming/jpeg"}

// A text is an English text of the program; plural where it has two forms.
type text struct {
	plural bool
	where  string
}

// texts finds them in the source: what tr and count are given, what sentences
// are made of, and the reasons of cameras.
func texts(t *testing.T) map[string]text {
	t.Helper()
	found := map[string]text{}
	for _, place := range places {
		files, err := filepath.Glob(filepath.Join(place, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				add := func(e ast.Expr, plural bool) {
					if s, ok := literalOf(e); ok {
						found[s] = text{plural, set.Position(e.Pos()).String()}
					}
				}
				switch n := n.(type) {
				case *ast.CallExpr:
					switch name := nameOf(n.Fun); {
					case (name == "tr" || name == "sentence.Errorf") && len(n.Args) > 0:
						add(n.Args[0], false)
					case (name == "wrong" || name == "say") && len(n.Args) > 0:
						add(n.Args[min(1, len(n.Args)-1)], false)
					case name == "count" && len(n.Args) == 2:
						add(n.Args[1], true)
					}
				case *ast.BasicLit:
					// Reasons and formats stand in literals of their own.
					s, ok := literalOf(n)
					isReason := place == "../streaming/camera" && (isSentence.MatchString(s) || isFormat.MatchString(s)) ||
						place == "../streaming" && isOwnReason.MatchString(s)
					isGuess := strings.HasSuffix(file, "jpeg/sniff.go") && isWords.MatchString(s)
					if ok && (isReason || isGuess) {
						found[s] = text{false, set.Position(n.Pos()).String()}
					}
				}
				return true
			})
		}
	}
	return found
}

var (
	isSentence = regexp.MustCompile(`^([A-Z%].* .*[.?…]|(This camera sends|ffmpeg (gets|finds|cannot|stopped)|Something) ?.*)$`)
	// Of what streaming says, the window shows these; the rest stands in the offline picture.
	isOwnReason = regexp.MustCompile(`^This camera('s address| is being tested)`)
	isFormat    = regexp.MustCompile(`^(bare JPEGs|JPEGs .*|multipart|(multipart|still pictures|Motion JPEG) over .*|posted pictures|.* through ffmpeg)$`)
	isWords     = regexp.MustCompile(`^[A-Za-z0-9., ]+ [A-Za-z0-9., ]+$`)
)

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

func literalOf(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := strconv.Unquote(e.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		left, ok := literalOf(e.X)
		right, also := literalOf(e.Y)
		return left + right, ok && also
	}
	return "", false
}

var verbs = regexp.MustCompile(`%[a-z0-9.+]*[a-zA-Z]|%%`)

// Every text is translated, nothing else is, and what is filled in stays in its order.
func TestTranslations(t *testing.T) {
	want := texts(t)
	if len(want) < 200 {
		t.Fatalf("only %d texts were found", len(want))
	}
	for _, language := range []string{"de", "es"} {
		content, err := os.ReadFile("translations/" + language + ".json")
		if err != nil {
			t.Error(err)
			continue
		}
		var got map[string]any
		if err := json.Unmarshal(content, &got); err != nil {
			t.Errorf("%s: %v", language, err)
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			switch is := got[key].(type) {
			case nil:
				t.Errorf("%s lacks %q (%s)", language, key, want[key].where)
			case string:
				if want[key].plural {
					t.Errorf("%s: %q needs a form for one and one for others", language, key)
				} else if !slices.Equal(verbs.FindAllString(is, -1), verbs.FindAllString(key, -1)) {
					t.Errorf("%s: %q has not the verbs of %q", language, is, key)
				}
			case map[string]any:
				for _, form := range []string{"one", "other"} {
					s, _ := is[form].(string)
					if !slices.Equal(verbs.FindAllString(s, -1), verbs.FindAllString(key, -1)) {
						t.Errorf("%s: %q, %s, has not the verbs of %q", language, s, form, key)
					}
				}
			}
		}
		for key := range got {
			if _, used := want[key]; !used {
				t.Errorf("%s translates %q, which nobody says", language, key)
			}
		}
	}
}

// TestListTexts prints them for a translator: go test ./ui -run ListTexts -v
func TestListTexts(t *testing.T) {
	want := texts(t)
	for _, key := range slices.Sorted(maps.Keys(want)) {
		t.Logf("%v\t%q\t%s", want[key].plural, key, want[key].where)
	}
}
