internal import Glibc
internal import LinuxSystem

/// How much the processors are wanted (PSI, Documentation/accounting/psi.rst).
package enum ProcessorPressure {
    /// Percent of the last ten seconds in which some task waited for a processor; 0 where the kernel does not say.
    package static func now() -> Double {
        do throws(SystemCallError) {
            return parse(String(decoding: try Files.read("/proc/pressure/cpu", limit: 512), as: UTF8.self))
        } catch {
            return 0
        }
    }

    /// `some avg10=1.23 avg60=… avg300=… total=…`
    static func parse(_ text: String) -> Double {
        guard let some = text.split(separator: "\n").first(where: { $0.hasPrefix("some ") }),
            let word = some.split(separator: " ").first(where: { $0.hasPrefix("avg10=") }),
            let value = Double(word.dropFirst("avg10=".count)), value.isFinite
        else { return 0 }
        return value
    }
}
