#include "tests/integration/chat-server/accounts_fixture.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {
namespace {

using nlohmann::json;

struct Described {
    std::string method;  // "GET"
    std::string path;    // "/api/v1/rooms/{room}"
    bool is_open = false;
    bool takes_json = false;
    bool takes_pages = false;  // ?limit=

    // An empty object, where a body may be.
    [[nodiscard]] const char* body() const { return method == "GET" ? "" : "{}"; }
    [[nodiscard]] std::string name() const { return method + " " + path; }
    [[nodiscard]] bool is_for_admins() const { return path.starts_with("/api/v1/admin/"); }
};

class OpenApiTest : public AccountsTest {
 protected:
    std::vector<Described> operations() {
        const json document = client_.get("/api/v1/openapi.json").json();
        std::vector<Described> all;
        for (const auto& [path, item] : document.at("paths").items()) {
            for (const auto& [method, operation] : item.items()) {
                if (method == "parameters") continue;
                Described& one = all.emplace_back(method, path);
                std::ranges::transform(one.method, one.method.begin(), [](unsigned char c) {
                    return static_cast<char>(std::toupper(c));
                });
                one.takes_json =
                    operation.contains("requestBody") &&
                    operation.at("requestBody").at("content").contains("application/json");
                for (const json& parameter : operation.value("parameters", json::array())) {
                    const std::string name = parameter.value("$ref", "");
                    if (name.ends_with("/limit")) one.takes_pages = true;
                }
                one.is_open = operation.contains("security") && operation["security"].empty();
            }
        }
        return all;
    }

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
    std::map<std::string, std::set<std::string>> described;
    for (const Described& operation : operations()) {
        described[operation.path].insert(operation.method);
    }
    ASSERT_GE(described.size(), 20U);
    for (const auto& [path, methods] : described) {
        const Answer options = client_.exchange(ApiClient::request("OPTIONS", address(path)));
        EXPECT_EQ(methods_in(options.allow), methods) << path;
    }
}

TEST_F(OpenApiTest, WhatIsNotOpenToAllNeedsATokenAndWhatIsForAdminsTheirRole) {
    const json user = sign_up("ann");
    const json moderator = with_role("mod", "moderator");
    int guarded = 0;
    int for_admins = 0;
    for (const Described& operation : operations()) {
        const auto ask = [&](std::string_view token) {
            client_.use_token(std::string(token));
            return client_.call(operation.method, address(operation.path), operation.body());
        };
        if (operation.is_open) {
            // What is signed in another way may be refused as well, but asks for no token.
            EXPECT_EQ(ask("").challenge, "") << operation.name();
            continue;
        }
        for (const char* token : {"", "x", "x.y.z"}) {
            EXPECT_EQ(ask(token).status, 401) << operation.name() << " " << token;
        }
        ++guarded;
        if (!operation.is_for_admins()) continue;
        for (const json& session : {user, moderator}) {
            EXPECT_EQ(ask(session.at("access_token").get<std::string>()).status, 403)
                << operation.name();
        }
        ++for_admins;
    }
    EXPECT_GT(guarded, 30);
    EXPECT_GE(for_admins, 7);
}

TEST_F(OpenApiTest, EachOperationRefusesWhatItCannotUse) {
    act_as(with_role("root", "admin"));
    std::set<std::string> without;
    for (const Described& operation : operations()) {
        if (operation.is_open) continue;
        const auto ask = [&](const std::string& path, const std::string& body,
                             const std::string& media_type = "application/json") {
            return client_.call(operation.method, path, body, "", media_type);
        };
        if (operation.path.contains('{')) {
            const std::string odd =
                std::regex_replace(operation.path, std::regex("\\{[a-z]+\\}"), "~");
            EXPECT_EQ(ask(odd, operation.body()).status, 400) << operation.name();
        } else if (operation.takes_json) {
            EXPECT_EQ(ask(operation.path, "[").status, 400) << operation.name();
            EXPECT_EQ(ask(operation.path, R"({"unknown":1})").status, 400) << operation.name();
            EXPECT_EQ(ask(operation.path, "{}", "text/plain").status, 415) << operation.name();
        } else if (operation.takes_pages) {
            EXPECT_EQ(ask(operation.path + "?limit=0", "").status, 400) << operation.name();
            EXPECT_EQ(ask(operation.path + "?limit=9999", "").status, 400) << operation.name();
        } else {
            without.insert(operation.name());
        }
    }
    // The first has nothing to refuse; the others have tests of their own.
    EXPECT_EQ(without, (std::set<std::string>{"GET /api/v1/users/me", "GET /api/v1/presence",
                                              "POST /api/v1/uploads"}));
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
         "Authorization: Bearer " + ann.at("access_token").get<std::string>()},
        log);
    EXPECT_EQ(tool.wait(), 0) << text_of(log);
    EXPECT_FALSE(guarded_.log().contains("\"level\":\"error\"")) << guarded_.log();
}

}  // namespace
}  // namespace chatflow::chat
