import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Policies and images of an operator's own", .enabled(if: Service.canRun, "needs root, and nestboxd built"))
struct OverlayTests {
    @Test(
        "what is wrong is told at the start and disables itself alone; what the service will not be able to read is named"
    )
    func mistakes() throws {
        let own = NSTemporaryDirectory() + "nestbox-own-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: own) }
        func write(_ text: String, to name: String) throws {
            let url = URL(fileURLWithPath: own + "/" + name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        try write(
            "version: 1\nname: broken\nroot: {host: true}\nfile: m\nrunn: [m]\ncheck: {code: x, stdout: y}\n",
            to: "images/broken/image.yaml")
        try write(
            "version: 1\nname: spare\nroot: {host: true}\nfile: m\nrun: [/usr/bin/bash, m]\ncheck: {code: x, stdout: y}\n",
            to: "images/spare/image.yaml")
        try write("version: 1\nname: wrong\nextends: default\nlimits: {cpuu: 1s}\n", to: "policies/wrong.yaml")
        try write("version: 1\nname: secret\nextends: default\n", to: "policies/secret.yaml")
        try write(
            "version: 1\nname: bash\nextends: default\nimage: bash\nlimits: {cpu: 3s}\n", to: "policies/bash.yaml")
        for directory in ["", "/images", "/images/broken", "/images/spare", "/policies"] {
            chmod(own + directory, 0o755)
        }
        chmod(own + "/policies/secret.yaml", 0o600)
        let service = try Service(["--overlay", own])

        let records = service.records.replacing("\\/", with: "/")
        #expect(records.contains("images/broken/image.yaml:5: runn: found an unknown key"), "\(records)")
        #expect(records.contains("policies/wrong.yaml:4: limits.cpuu: found an unknown key"))
        let unreadable = records.split(separator: "\n").first {
            $0.contains("cannot be read by the user of the service")
        }
        #expect(unreadable?.contains(own + "/policies/secret.yaml") == true && unreadable?.contains("nobody") == true)

        #expect(try service.execute("broken", "x").code == "INVALID_IMAGE")
        let wrong = try service.execute("bash", "echo x", ["policy": "wrong"])
        #expect(wrong.code == "INVALID_POLICY")
        #expect(wrong.text.contains("policies/wrong.yaml:4") && !wrong.text.contains(own), "\(wrong.text)")
        #expect(try service.execute("bash", "echo x").json["stdout"] as? String == "x\n")
        // Nobody made a policy for it.
        #expect(try service.execute("spare", "echo y").json["stdout"] as? String == "y\n")
        let policies = try service.request("GET", "/api/v1/policies/bash").json
        #expect((policies["limits"] as? [String: Any])?["cpu"] as? Int == 3000, "\(policies)")
    }
}
