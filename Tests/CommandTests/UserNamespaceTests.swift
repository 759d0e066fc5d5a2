import Foundation
import Glibc
import TestSupport
import Testing

/// Runs where root is root of a user namespace alone, as in a pod with `hostUsers: false`.
@Suite(
    .enabled(if: NestboxExecutable.canRunPrograms, "needs root, and nestbox, nestbox-warden and nestbox-init built"))
struct UserNamespaceTests {
    /// Executes its arguments in a user namespace in which every id is the one outside, and in a mount namespace of it.
    private static let enter = """
        import ctypes, os, sys
        ready, told = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            if ctypes.CDLL(None).unshare(0x10000000 | 0x00020000): os._exit(90)
            os.write(ready[1], b"x")
            os.read(told[0], 1)
            os.execv(sys.argv[1], sys.argv[1:])
        os.read(ready[0], 1)
        for kind in "uid", "gid":
            with open(f"/proc/{child}/{kind}_map", "w") as file: file.write("0 0 1000000000")
        os.write(told[1], b"x")
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """

    @Test("programs run, and their device nodes are those of the host, which nobody can make there")
    func devices() throws {
        let scratch = try TemporaryDirectory()
        try scratch.write(
            """
            version: 1
            name: bash
            extensions: [sh]
            root: {host: true}
            file: main.sh
            run: [bash, main.sh]
            check: {code: 'echo 1', stdout: "1\\n"}

            """, to: "images/bash/image.yaml")
        try scratch.write(
            """
            for name in null zero full random urandom tty; do stat -c "%n %t:%T" /dev/$name; done
            echo gone > /dev/null && head -c 3 /dev/zero | od -An -tx1
            echo x > /dev/full; echo $?
            mknod /tmp/null c 1 3; echo $?
            """, to: "devices.sh")
        let policies = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../policies").standardizedFileURL.path
        let found = try FinishedProgram.run(
            [
                "/usr/bin/python3", "-c", Self.enter, try #require(NestboxExecutable.path), "run", "--quiet",
                "--images", scratch.path + "/images", "--policies", policies, scratch.path + "/devices.sh",
            ], environment: ["PATH": "/usr/bin:/bin"])
        let lines = found.stdout.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "/dev/null 1:3", "/dev/zero 1:5", "/dev/full 1:7", "/dev/random 1:8", "/dev/urandom 1:9",
                "/dev/tty 5:0",
                " 00 00 00", "1", "1",
            ], "\(found.stdout)\(found.stderr)")
    }
}
