/// What the privileged executables may need at run time. Pure: a file in, complaints out.
enum BinaryGuard {
    /// The C library, libseccomp, libcap and what the compiler's own runtime stands on.
    static let allowed: Set<String> = [
        "libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "ld-linux-x86-64.so.2", "libseccomp.so.2",
        "libcap.so.2",
    ]

    /// The largest nestbox-init: it is all C, and every sandbox maps it.
    static let largestInit = 2 << 20

    static func warden(_ file: ELFFile) -> [String] {
        file.needed.filter { !allowed.contains($0) }.map { "needs \($0)" }
            + file.searchPaths.flatMap { $0.split(separator: ":") }.filter { $0 != "$ORIGIN" }
            .map { "looks for libraries in \($0)" }
    }

    static func zygote(_ file: ELFFile) -> [String] {
        var complaints: [String] = []
        if file.segments.contains(ELFFile.dynamic) { complaints.append("has a dynamic section") }
        if file.segments.contains(ELFFile.interpreter) { complaints.append("asks for a dynamic loader") }
        for symbol in ["swift_retain", "swift_allocObject", "libswiftCore"] where file.contains(symbol) {
            complaints.append("contains \(symbol) of the Swift runtime")
        }
        if file.bytes.count > largestInit { complaints.append("has \(file.bytes.count) bytes") }
        return complaints
    }
}
