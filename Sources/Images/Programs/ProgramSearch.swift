internal import Foundation
internal import Glibc

/// Where programs of the system are, and what of our environment they get to see.
enum ProgramSearch {
    static let directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]

    /// Variables that tell package tools how to reach the network.
    static let keptVariables = [
        "http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY",
        "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
    ]

    /// The absolute path of a program; PATH is not asked.
    ///
    /// - Parameter package: the Debian package that has it, for the error.
    static func path(of program: String, package: String) throws(ImageError) -> String {
        for directory in directories where access("\(directory)/\(program)", X_OK) == 0 {
            return "\(directory)/\(program)"
        }
        throw ImageError(
            .programMissing,
            "\(program) is not installed: run `apt-get install \(package)` (looked in "
                + directories.joined(separator: ", ") + ")")
    }

    /// A clean environment with the network settings of ours.
    static func environment(
        from inherited: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String] {
        let kept = keptVariables.compactMap { name in inherited[name].map { "\(name)=\($0)" } }
        return [
            "PATH=" + directories.joined(separator: ":"), "LC_ALL=C.UTF-8", "HOME=/", "DEBIAN_FRONTEND=noninteractive",
        ] + kept
    }
}
