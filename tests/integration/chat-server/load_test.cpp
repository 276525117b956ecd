#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace chatflow::chat {
namespace {

using nlohmann::json;

class LoadTest : public AccountsTest {
 protected:
    // chatflow-load to its end; the line of JSON that it writes.
    json run_load(std::vector<std::string> arguments) {
        const auto log = folder_.path() / "load.log";
        arguments.insert(arguments.begin(), {CHATFLOW_LOAD_PROGRAM, "--url",
                                             "http://127.0.0.1:" + std::to_string(guarded_.port()),
                                             "--output", "json"});
        test::ChildProcess(arguments, log).wait();
        std::ifstream file(log);
        std::string last;
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with('{')) last = line;
        }
        return json::parse(last, nullptr, false);
    }
};

// How long answers took is not asked: other tests run beside.
TEST_F(LoadTest, AScenarioDoesAllThatPeopleDoWithoutAnError) {
    const std::string plot = (folder_.path() / "load.svg").string();
    const json summary =
        run_load({"--scenario", "users-400", "--connections", "20", "--accounts", "4", "--rooms",
                  "4", "--rate", "50", "--ramp", "0s", "--duration", "4s", "--plot", plot});
    ASSERT_TRUE(summary.is_object()) << summary;
    EXPECT_EQ(summary.at("failedBy"), json::object());
    EXPECT_GT(summary.at("succeeded"), 100);
    for (const char* kind : {"room", "messages", "send", "upload", "login"}) {
        EXPECT_GE(summary.at("byKind").value(kind, json::object()).value("count", 0), 1) << kind;
    }
    std::ifstream file(plot);
    const std::string svg{std::istreambuf_iterator<char>(file), {}};
    EXPECT_TRUE(svg.contains("<polyline"));
    // Each message that was acknowledged is there, once.
    const int sent = summary.at("byKind").at("send").at("count");
    constexpr int kSentBefore = 4 * 20;
    EXPECT_EQ(ask_database("SELECT count(*) FROM messages"), std::to_string(sent + kSentBefore));
}

}  // namespace
}  // namespace chatflow::chat
