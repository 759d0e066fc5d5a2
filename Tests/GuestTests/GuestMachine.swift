import Foundation
import Glibc
import Testing

/// The emulated machine the guest runs on.
enum GuestMachine {
    static let emulator = "/usr/bin/qemu-system-x86_64"
    static let busybox = "/bin/busybox"

    /// What `deploy/guest/fetch-kernel` has put there, or the one `NESTBOX_GUEST_KERNEL` names.
    static var kernel: String {
        ProcessInfo.processInfo.environment["NESTBOX_GUEST_KERNEL"] ?? "/var/cache/nestbox/guest/vmlinuz"
    }

    /// The directory of the built executables: the bundle itself, or the test runner, lies in it.
    static let products: String? = {
        var candidates = ([CommandLine.arguments[0]] + CommandLine.arguments.filter { $0.hasSuffix(".xctest") })
        if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            candidates.append(link)
        }
        return candidates.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }.first { directory in
            ["nestbox", "nestbox-warden", "nestbox-init"]
                .allSatisfy { FileManager.default.isExecutableFile(atPath: "\(directory)/\($0)") }
        }
    }()

    /// What is not there; empty when the guest can boot.
    static var missing: [String] {
        var missing: [String] = []
        for (path, package) in [(emulator, "qemu-system-x86"), (busybox, "busybox-static")]
        where !FileManager.default.isExecutableFile(atPath: path) {
            missing.append("\(path) (apt-get install \(package))")
        }
        if !FileManager.default.isReadableFile(atPath: kernel) {
            missing.append("\(kernel) (deploy/guest/fetch-kernel)")
        }
        if products == nil { missing.append("nestbox, nestbox-warden and nestbox-init beside the tests") }
        return missing
    }

    /// How a boot ended.
    struct Ending: Sendable {
        let report: String
        let console: String
        let status: Int32
        let seconds: Double
        let imageSize: Int
    }

    /// Boots, waits until the machine is off, and leaves nothing but what it said.
    ///
    /// - Parameter deadline: seconds after which the machine is switched off.
    static func boot(deadline: Int) async throws -> Ending {
        let directory = NSTemporaryDirectory() + "nestbox-guest-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        defer {
            // For whoever looks for a mistake: a directory that is not there yet, to keep it all in.
            if let kept = ProcessInfo.processInfo.environment["NESTBOX_GUEST_KEEP"] {
                try? FileManager.default.moveItem(atPath: directory, toPath: kept)
            }
            try? FileManager.default.removeItem(atPath: directory)
        }
        let size = try GuestImage.write(to: "\(directory)/initramfs", products: try #require(products))

        let process = Process()
        // timeout(1) ends the machine even if these tests are killed meanwhile.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments =
            ["--kill-after=5", "\(deadline)", emulator]
            // Without hardware help: it works in every container and virtual machine, and always in the same way.
            + ["-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1G", "-nographic", "-no-reboot", "-nodefaults"]
            + ["-kernel", kernel, "-initrd", "\(directory)/initramfs"]
            // A panic ends the machine. The console is the kernel's, so that it cannot write into the report.
            + ["-append", "console=ttyS0 loglevel=5 panic=-1 rdinit=/init"]
            + ["-serial", "file:\(directory)/console", "-serial", "file:\(directory)/report"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.standardError
        process.standardError = FileHandle.standardError
        let clock = ContinuousClock()
        let start = clock.now
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let elapsed = (clock.now - start).components
        func text(_ name: String) -> String {
            String(
                decoding: (try? Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)"))) ?? Data(), as: UTF8.self
            )
        }
        return Ending(
            report: text("report"), console: text("console"), status: process.terminationStatus,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18, imageSize: size)
    }
}
