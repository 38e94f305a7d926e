package wire

import (
	"reflect"
	"unicode/utf8"
)

// AppendXML writes the answer of a query service: output is the operation's, or
// nil.
func (s *Service) AppendXML(b []byte, operation, requestID string, output any) []byte {
	b = append(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<"...)
	b = append(append(b, operation...), `Response xmlns="`...)
	b = append(append(b, s.Namespace...), '"', '>')
	if s.Kind == EC2Query {
		b = appendElement(b, "requestId", requestID)
	} else {
		b = append(append(append(b, '<'), operation...), "Result>"...)
	}
	begun := len(b)
	if v := reflect.ValueOf(output); v.IsValid() && !v.IsNil() {
		b = s.appendStruct(b, v.Elem(), 0)
	}
	if s.Kind == EC2Query {
		if len(b) == begun { // EC2 says of each call without an output that it has been done
			b = append(b, "<return>true</return>"...)
		}
	} else {
		b = append(append(append(b, '<', '/'), operation...), "Result><ResponseMetadata>"...)
		b = appendElement(b, "RequestId", requestID)
		b = append(b, "</ResponseMetadata>"...)
	}
	return append(append(append(b, '<', '/'), operation...), "Response>"...)
}

// AppendXMLError writes an error of a query service.
func (s *Service) AppendXMLError(b []byte, requestID, code, message string, sender bool) []byte {
	if s.Kind == EC2Query {
		b = append(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>"...)
		b = appendElement(appendElement(b, "Code", code), "Message", message)
		b = append(b, "</Error></Errors>"...)
		b = appendElement(b, "RequestID", requestID)
		return append(b, "</Response>"...)
	}
	b = append(append(append(b, `<ErrorResponse xmlns="`...), s.Namespace...), `"><Error>`...)
	fault := "Receiver"
	if sender {
		fault = "Sender"
	}
	b = appendElement(b, "Type", fault)
	b = appendElement(appendElement(b, "Code", code), "Message", message)
	b = append(b, "</Error>"...)
	b = appendElement(b, "RequestId", requestID)
	return append(b, "</ErrorResponse>"...)
}

func appendElement(b []byte, name, text string) []byte {
	b = append(append(append(b, '<'), name...), '>')
	b = appendText(b, text)
	return append(append(append(b, '<', '/'), name...), '>')
}

// appendStruct writes the fields of a structure. depth counts the lists and
// structures around it.
func (s *Service) appendStruct(b []byte, v reflect.Value, depth int) []byte {
	p := s.planOf(v.Type(), answer)
	for i := range p.fields {
		f := &p.fields[i]
		b = s.appendField(b, f, v.Field(f.index), depth)
	}
	return b
}

func (s *Service) appendField(b []byte, f *fieldPlan, v reflect.Value, depth int) []byte {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return b
		}
		v = v.Elem()
	case reflect.Slice:
		if v.IsNil() && !(f.list && s.showsEmpty(depth)) {
			return b
		}
	case reflect.String:
		if v.Len() == 0 {
			return b // an enum that is not set
		}
	}
	if f.list && v.Len() == 0 {
		return append(append(append(b, '<'), f.name...), '/', '>')
	}
	b = append(b, f.open...)
	b = s.appendValue(b, v, f.item, depth)
	return append(b, f.end...)
}

// showsEmpty tells whether a list that has nothing in it is in an answer all the
// same. AWS does so with the lists that an answer is about, and Auto Scaling
// also with those of each thing in them. Clients such as boto3 have no member
// for a list that is not there.
func (s *Service) showsEmpty(depth int) bool {
	return depth == 0 || s.Kind == AWSQuery && depth == 1
}

func (s *Service) appendValue(b []byte, v reflect.Value, item string, depth int) []byte {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch t := v.Type(); {
	case isStruct(t):
		return s.appendStruct(b, v, depth+1)
	case isList(t):
		for i := range v.Len() {
			b = append(append(append(b, '<'), item...), '>')
			b = s.appendValue(b, v.Index(i), s.Kind.member(), depth)
			b = append(append(append(b, '<', '/'), item...), '>')
		}
		return b
	}
	return appendScalar(b, v)
}

// appendText writes text that has no markup in it. What XML cannot hold at all
// becomes U+FFFD, as the standard library has it.
func appendText(b []byte, text string) []byte {
	if isPlain(text) {
		return append(b, text...)
	}
	for _, r := range text {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r == '\r':
			b = append(b, "&#xD;"...)
		case !inXML(r): // invalid UTF-8 comes as U+FFFD already
			b = append(b, "\uFFFD"...)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// isPlain is true for text in which nothing has to be looked at: most are.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '&' || c == '<' || c == '>' || c == '"' {
			return false
		}
	}
	return true
}

// inXML is the range of characters that XML allows.
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}
