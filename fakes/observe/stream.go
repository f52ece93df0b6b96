package observe

import "slices"

// EventStream is the media type of server-sent events.
const EventStream = "text/event-stream"

// IsLines says whether answers of a media type have a JSON text on each line.
func IsLines(mediaType string) bool {
	return slices.Contains([]string{
		"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/stream+json",
	}, mediaType)
}
