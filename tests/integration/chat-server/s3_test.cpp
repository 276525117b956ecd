#include "tests/integration/chat-server/accounts_fixture.hpp"
#include "tests/support/free_port.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {
namespace {

using namespace std::string_view_literals;
using nlohmann::json;

constexpr auto kDocument = "%PDF-1.7 of some text";

/// s3rver of npm: keeps objects in a folder. Of signatures of version 4 it looks at the form, the
/// time and who signs; that they are right is for the unit tests, by the published examples.
class TestS3 {
 public:
    TestS3()
        : port_(test::find_free_port()),
          process_(
              {"/usr/bin/env", "node",
               std::string(std::getenv("CHATFLOW_CLIENTS")) + "/node_modules/s3rver/bin/s3rver.js",
               "-d", (folder_.path() / "objects").string(), "-a", "127.0.0.1", "-p",
               std::to_string(port_), "--configure-bucket", "media"},
              (folder_.path() / "log").string()) {
        ApiClient client(port_);
        const auto answers = [&] {
            return client.try_exchange(ApiClient::request("GET", "/")).has_value();
        };
        if (!eventually(answers)) throw std::runtime_error("s3rver does not serve");
    }

    [[nodiscard]] std::string endpoint() const {
        return "http://127.0.0.1:" + std::to_string(port_);
    }
    [[nodiscard]] int port() const { return port_; }

    /// Settings for chat-server and worker.
    [[nodiscard]] std::vector<std::string> bucket(const std::string& access_key = "S3RVER") const {
        const std::string keys = (folder_.path() / "keys").string();
        std::ofstream(keys) << access_key << "\nS3RVER\n";
        return {"CHATFLOW_S3_ENDPOINT=" + endpoint(), "CHATFLOW_S3_BUCKET=media",
                "CHATFLOW_S3_KEYS_FILE=" + keys};
    }

    /// Settings for a chat-server, with the public endpoint or without.
    [[nodiscard]] std::vector<std::string> settings(
        bool is_public, const std::string& access_key = "S3RVER") const {
        std::vector<std::string> all = bucket(access_key);
        if (is_public) all.push_back("CHATFLOW_S3_PUBLIC_ENDPOINT=" + endpoint());
        return all;
    }

 private:
    test::TemporaryFolder folder_;
    int port_;
    test::ChildProcess process_;
};

// One red pixel: no larger than any thumbnail, and yet decoded and encoded.
std::string png() {
    constexpr auto kBytes =
        "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\b\2\0\0\0\x90wS\xDE"
        "\0\0\0\fIDATx\x9C"
        "c\xF8\xCF\xC0\0\0\3\1\1\0\xC9\xFE\x92\xEF\0\0\0\0IEND\xAE"
        "B`\x82"sv;
    return std::string(kBytes);
}

TestS3& s3() {
    static TestS3 server;
    return server;
}

class S3Test : public AccountsTest {
 protected:
    explicit S3Test(bool is_public = false, const std::string& access_key = "S3RVER")
        : AccountsTest(s3().settings(is_public, access_key)), ann_(sign_up("ann")) {
        act_as(ann_);
    }

    Answer upload(std::string_view content, const std::string& media_type = "application/pdf") {
        const std::string form =
            "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n"
            "Content-Type: " +
            media_type + "\r\n\r\n" + std::string(content) + "\r\n--xyz--\r\n";
        return client_.call("POST", "/api/v1/uploads", form, "",
                            "multipart/form-data; boundary=xyz");
    }

    // What the address of the file says, without a token.
    Answer fetch(const json& upload) {
        return ApiClient(guarded_.port()).get(upload.at("url").get<std::string>());
    }

    json ann_;
};

struct S3TestWithRedirects : S3Test {
    S3TestWithRedirects() : S3Test(true) {}
};

struct S3TestWithAWrongKey : S3Test {
    S3TestWithAWrongKey() : S3Test(false, "WRONG") {}
};

TEST_F(S3Test, AFileIsPutFetchedAndRemoved) {
    const Answer made = upload(kDocument);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json()["thumbnails"], json::array()) << "it is no picture";
    const Answer fetched = fetch(made.json());
    EXPECT_EQ(fetched.status, 200);
    EXPECT_EQ(fetched.body, kDocument);
    EXPECT_EQ(fetched.content_type, "application/pdf");
    const std::string other = upload("%PDF-1.7 another").json()["id"];
    EXPECT_EQ(client_.remove("/api/v1/uploads/" + made.json()["id"].get<std::string>()).status,
              204);
    EXPECT_TRUE(eventually([&] { return fetch(made.json()).status == 404; }));
    EXPECT_EQ(client_.get("/api/v1/uploads/" + other).status, 200);
}

TEST_F(S3Test, ALargeFileOfAnyBytesComesBackAsItWas) {
    std::string content = "%PDF-1.7";
    for (int i = 0; i < 150'000; ++i) content += static_cast<char>(i * 7 % 256);
    const Answer made = upload(content);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(fetch(made.json()).body, content);
}

TEST_F(S3Test, TheWorkerMakesThumbnailsInTheBucketAndTheyGoWithTheirPicture) {
    const Answer made = upload(png(), "image/png");
    ASSERT_EQ(made.status, 201) << made.body;
    const json file = made.json();
    ASSERT_EQ(file.at("thumbnails").size(), 2U);
    ApiClient anybody(guarded_.port());
    const auto thumbnail = [&](std::size_t which) {
        return anybody.get(file.at("thumbnails")[which]["url"].get<std::string>());
    };
    EXPECT_EQ(thumbnail(0).status, 404);
    std::vector<std::string> command = {
        "/usr/bin/env",
        "CHATFLOW_REDIS_URL=redis://127.0.0.1:" + std::to_string(servers_.redis_port),
        "CHATFLOW_HTTP_ADDRESS=127.0.0.1:" + std::to_string(test::find_free_port()),
        "CHATFLOW_QUEUES=media=thumbnail"};
    std::ranges::copy(s3().bucket(), std::back_inserter(command));
    command.emplace_back(CHATFLOW_WORKER_PROGRAM);
    const test::ChildProcess worker(command, (folder_.path() / "worker.log").string());
    for (const std::size_t which : {0U, 1U}) {
        EXPECT_TRUE(eventually([&] { return thumbnail(which).status == 200; }));
        EXPECT_EQ(thumbnail(which).content_type, "image/jpeg");
        EXPECT_TRUE(thumbnail(which).body.starts_with("\xFF\xD8\xFF"));
    }
    EXPECT_EQ(client_.remove("/api/v1/uploads/" + file.at("id").get<std::string>()).status, 204);
    EXPECT_TRUE(eventually([&] { return thumbnail(0).status == 404; }));
    EXPECT_EQ(thumbnail(1).status, 404);
}

TEST_F(S3TestWithRedirects, BrowsersAreSentThereByASignedAddress) {
    const Answer made = upload(kDocument);
    ASSERT_EQ(made.status, 201) << made.body;
    const Answer away = fetch(made.json());
    EXPECT_EQ(away.status, 302);
    ASSERT_TRUE(away.location.starts_with(s3().endpoint() + "/media/")) << away.location;
    ApiClient browser(s3().port());
    const std::string target = away.location.substr(s3().endpoint().size());
    const std::string host = "127.0.0.1:" + std::to_string(s3().port());
    const auto get = [&](const std::string& path) {
        return browser.exchange("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    };
    const Answer fetched = get(target);
    EXPECT_EQ(fetched.status, 200) << fetched.body;
    EXPECT_EQ(fetched.body, kDocument);
}

TEST_F(S3TestWithAWrongKey, NothingIsAcknowledged) { EXPECT_GE(upload(kDocument).status, 500); }

}  // namespace
}  // namespace chatflow::chat
