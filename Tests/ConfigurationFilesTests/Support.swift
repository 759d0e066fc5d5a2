@testable import ConfigurationFiles

/// The errors a text makes, one description per line, or none.
func diagnostics(_ body: () throws(ConfigurationError) -> Void) -> [String] {
    do throws(ConfigurationError) {
        try body()
        return []
    } catch {
        return error.diagnostics.map(\.description)
    }
}
