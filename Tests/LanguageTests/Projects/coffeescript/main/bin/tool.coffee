{ square } = require "../lib/shapes"

console.log "square of #{side}: #{square side}" for side in [6, 7]
