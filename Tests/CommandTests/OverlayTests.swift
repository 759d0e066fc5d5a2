import Foundation
import TestSupport
import Testing

/// Policies and images of an operator's own, right and wrong, as commands show them.
@Suite(.enabled(if: NestboxExecutable.path != nil, "nestbox has not been built"))
struct OverlayTests {
    private let toys: Toys

    init() throws {
        toys = try Toys()
    }

    private func nestbox(_ arguments: [String]) throws -> NestboxExecutable.Answer {
        try NestboxExecutable.run(
            arguments,
            environment: [
                "NESTBOX_POLICIES": toys.path + "/policies", "NESTBOX_IMAGES": toys.path + "/images",
                "NESTBOX_STATE": toys.path + "/state", "NESTBOX_OVERLAY": toys.path + "/own",
            ], directory: toys.path)
    }

    @Test func commandsSayWhichFileIsInForce() throws {
        let policy = try toys.scratch.text("policies/toy.yaml").replacing("cpu: 5s", with: "cpu: 4s")
        try toys.scratch.write(policy, to: "own/policies/toy.yaml")
        try toys.scratch.write("version: 1\nname: mine\nextends: toy\n", to: "own/policies/mine.yaml")
        let (own, shipped) = (toys.path + "/own/policies/toy.yaml", toys.path + "/policies/toy.yaml")
        let check = try nestbox(["policy", "check"])
        #expect(
            check.status == 0 && check.stdout == "2 policies, no errors\n\(own) replaces \(shipped)\n", "\(check)")
        let show = try nestbox(["policy", "show", "mine"]).stdout
        #expect(show.contains("cpu         4s") && show.contains("from       \(toys.path)/own/policies/mine.yaml:1"))
        #expect(try nestbox(["policy", "show", "toy"]).stdout.contains("replaces   \(shipped)\n"))
        let list = try nestbox(["policy", "list"]).stdout
        #expect(list.contains("\ntoy     toy    ok     \(own) "), "\(list)")
        #expect(list.contains(" replaces \(shipped)\n"), "\(list)")
        let config = try nestbox(["config", "show"]).stdout
        #expect(
            config.contains("policies of \(toys.path)/own/policies lie over those of \(toys.path)/policies\n"),
            "\(config)")
        #expect(config.contains("  \(own) replaces \(shipped)\n"))
    }

    @Test func imagesSayWhereTheyAreFrom() throws {
        try toys.scratch.write(
            try toys.scratch.text("images/toy/image.yaml").replacing("plaything", with: "other"),
            to: "own/images/toy/image.yaml")
        let answer = try nestbox(["image", "show", "other"])
        #expect(
            answer.stdout.contains("\nfrom       \(toys.path)/own/images/toy\nreplaces   \(toys.path)/images/toy\n"),
            "\(answer)")
    }

    @Test func policiesForImagesThatAreNotThereAreDiagnostics() throws {
        try toys.scratch.write("version: 1\nname: lost\nextends: toy\nimage: toi\n", to: "own/policies/lost.yaml")
        for arguments in [
            ["policy", "check"], ["policy", "check", "lost"], ["policy", "check", "own/policies/lost.yaml"],
        ] {
            let answer = try nestbox(arguments)
            #expect(answer.status == 1, "\(answer)")
            #expect(
                answer.stderr.contains(
                    "own/policies/lost.yaml:4: image: found the unknown image \"toi\", allowed toy (did you mean \"toy\"?)"
                ),
                "\(answer)")
        }
        #expect(try nestbox(["policy", "check", "toy"]).status == 0)
    }

    @Test func oneDiagnosticDisablesOneImageAndOnePolicy() throws {
        let image = try toys.scratch.text("images/toy/image.yaml").replacing("name: toy", with: "name: bad")
        try toys.scratch.write(image.replacing("aliases:", with: "alises:"), to: "own/images/bad/image.yaml")
        try toys.scratch.write(
            "version: 1\nname: worse\nextends: toy\nlimits: {cpuu: 1s}\n", to: "own/policies/worse.yaml")
        let list = try nestbox(["image", "list"])
        #expect(list.status == 0 && list.stdout.contains("\nbad    -       broken"), "\(list)")
        #expect(list.stderr.contains("own/images/bad/image.yaml:3: alises: found an unknown key"), "\(list)")
        let json = try nestbox(["image", "list", "--json"])
        let images = try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [[String: Any]]
        #expect(images?.last?["state"] as? String == "broken" && images?.count == 2)
        let build = try nestbox(["image", "build", "--all", "--offline", "--quiet"])
        #expect(build.status == 1 && build.stderr.contains("left out because of errors: bad\n"), "\(build)")
        // The other one goes on as far as it can: it has not been built.
        #expect(try nestbox(["run", "hello.toy"]).stderr.contains("nestbox image build toy"))
        let bad = try nestbox(["run", "-l", "bad", "hello.toy"])
        #expect(
            bad.status == 125
                && bad.stderr.contains("image bad is disabled by errors in its description: bad/image.yaml:3: "))
        let worse = try nestbox(["run", "-p", "worse", "hello.toy"])
        #expect(
            worse.stderr.contains("policy \"worse\" is disabled by errors in its file: policies/worse.yaml:4: "),
            "\(worse)")
        let doctor = try nestbox(["doctor"]).stdout
        #expect(
            doctor.contains("out of use: bad") && doctor.contains("out of use because of errors: worse"), "\(doctor)")
        let check = try nestbox(["policy", "check"])
        #expect(
            check.status == 1 && check.stdout.contains("disabled by errors: worse; the others can be used"),
            "\(check)")
    }
}
