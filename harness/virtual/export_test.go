package virtual

// EnactAtMost is Enact with another bound of what may happen in a story.
var EnactAtMost = enactAtMost
