internal import Testing

/// Attempts to get out of a sandbox, to take more than was given, and to leave something behind.
///
/// Each attempt runs twice: as a plain child, which must be able to do it (else the attempt is vacuous), and in a
/// sandbox, which must not. Expected answers are in Golden/, the programs in Probes/. The run ends with a line of counts.
/// NESTBOX_WARDEN names another warden than the one built beside the tests.
///
/// One warden is shared, oracles look at the whole host: all of it runs one test at a time.
@Suite("Containment", .serialized, .enabled(if: Host.isReady, "needs root, gcc, setpriv and a built nestbox-warden"))
struct Containment {}
