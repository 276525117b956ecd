#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace chatflow::chat {
namespace {

using nlohmann::json;

class OpenApiTest : public AccountsTest {
 protected:
    json document() { return client_.get("/api/v1/openapi.json").json(); }

    // The path with something that fits in the place of each parameter.
    static std::string address(std::string path) {
        for (auto begin = path.find('{'); begin != std::string::npos; begin = path.find('{')) {
            const auto end = path.find('}', begin);
            const std::string name = path.substr(begin + 1, end - begin - 1);
            const bool is_id = name != "seq" && name != "emoji" && name != "file";
            path.replace(begin, end - begin + 1, is_id ? kSomeId : "1");
        }
        return path;
    }

    static std::string text_of(const std::filesystem::path& file) {
        std::stringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }

    static constexpr const char* kSomeId = "01934567-89ab-7def-8123-456789abcdef";
};

std::set<std::string> methods_in(std::string_view allow) {
    std::set<std::string> methods;
    std::stringstream list{std::string(allow)};
    for (std::string method; std::getline(list, method, ',');) {
        std::erase(method, ' ');
        if (method != "HEAD" && method != "OPTIONS") methods.insert(method);
    }
    return methods;
}

TEST_F(OpenApiTest, DescribesTheMethodsThatThereAre) {
    const json paths = document()["paths"];
    ASSERT_GE(paths.size(), 20U);
    for (const auto& [path, item] : paths.items()) {
        std::set<std::string> described;
        for (const auto& [method, operation] : item.items()) {
            if (method == "parameters") continue;
            std::string name = method;
            std::ranges::transform(name, name.begin(), [](unsigned char c) {
                return static_cast<char>(std::toupper(c));
            });
            described.insert(name);
        }
        const Answer options = client_.exchange(ApiClient::request("OPTIONS", address(path)));
        EXPECT_EQ(methods_in(options.allow), described) << path;
    }
}

// The tool makes requests from the description, good and bad ones, and holds the answers to it.
TEST_F(OpenApiTest, IsKeptBySchemathesis) {
    const char* clients = std::getenv("CHATFLOW_CLIENTS");
    ASSERT_NE(clients, nullptr) << "run it by hack/test, which installs the clients";
    const json ann = with_role("ann", "admin");
    const auto log = folder_.path() / "schemathesis.log";
    test::ChildProcess tool(
        {std::string(clients) + "/venv/bin/schemathesis", "--config-file",
         "tests/integration/chat-server/schemathesis.toml", "run",
         "http://127.0.0.1:" + std::to_string(guarded_.port()) + "/api/v1/openapi.json", "-H",
         "Authorization: Bearer " + ann["access_token"].get<std::string>()},
        log);
    EXPECT_EQ(tool.wait(), 0) << text_of(log);
    EXPECT_FALSE(guarded_.log().contains("\"level\":\"error\"")) << guarded_.log();
}

}  // namespace
}  // namespace chatflow::chat
