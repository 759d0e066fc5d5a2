internal import Testing

/// Attempts to get out of a sandbox, to take more than was given, and to leave something behind.
///
/// One warden is shared, oracles look at the whole host: all of it runs one test at a time.
@Suite("Containment", .serialized, .enabled(if: Host.isReady, "needs root, gcc, setpriv and a built nestbox-warden"))
struct Containment {}
