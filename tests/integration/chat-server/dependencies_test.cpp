#include "tests/integration/chat-server/chat_server_test.hpp"

namespace chatflow::chat {
namespace {

class DependenciesTest : public ChatServerTest {
 protected:
    DependenciesTest() { serve(program_); }
};

TEST_F(DependenciesTest, WithoutRedisEverythingIsServedAndReadinessSaysDegraded) {
    const std::string room = make_room();
    ASSERT_EQ(client_.get(room).status, 200);  // is in the cache now
    redis().kill();
    EXPECT_TRUE(eventually([&] { return is_ready_as("degraded"); })) << readiness().body;
    EXPECT_EQ(readiness().status, 200);
    EXPECT_EQ(readiness().json()["checks"]["redis"]["status"], "down");
    EXPECT_EQ(client_.get(room).status, 200);
    EXPECT_EQ(client_.post(room + "/messages", {{"sender", "a"}, {"body", "b"}}).status, 201);
    EXPECT_EQ(client_.patch(room, {{"name", "changed"}}).status, 200);
    EXPECT_EQ(client_.get(room).json()["name"], "changed");

    redis().start();
    EXPECT_TRUE(eventually([&] { return is_ready_as("ready"); })) << readiness().body;
    EXPECT_EQ(client_.get(room).json()["name"], "changed");
}

TEST_F(DependenciesTest, ARedisThatFallsSilentDoesNotHoldUpReaders) {
    const std::string room = make_room();
    ASSERT_EQ(client_.get(room).status, 200);
    ASSERT_EQ(client_.patch(room, {{"name", "second"}}).status, 200);
    redis().freeze();
    EXPECT_EQ(client_.get(room).json()["name"], "second");
    // A change that the silent Redis did not see must not be hidden by what it still holds.
    EXPECT_EQ(client_.patch(room, {{"name", "third"}}).status, 200);
    EXPECT_TRUE(eventually([&] { return is_ready_as("degraded"); })) << readiness().body;
    redis().unfreeze();
    EXPECT_TRUE(eventually([&] { return is_ready_as("ready"); })) << readiness().body;
    EXPECT_TRUE(eventually([&] { return client_.get(room).json()["name"] == "third"; }))
        << client_.get(room).body;
}

TEST_F(DependenciesTest, APodThatSaysItIsReadyHasItsConnectionsOpen) {
    const std::string page = ApiClient(program_.metrics_port()).get("/metrics").body;
    EXPECT_TRUE(
        page.contains(R"(chatflow_chat_postgres_connections{pool="primary",state="open"} 4)"))
        << page;
}

TEST_F(DependenciesTest, WithoutPostgresRequestsGet503AndReadinessNamesIt) {
    const std::string room = make_room();
    ASSERT_EQ(client_.get(room).status, 200);  // is in the cache now
    postgres().stop();
    EXPECT_TRUE(eventually([&] { return readiness().status == 503; })) << readiness().body;
    const auto check = readiness().json()["checks"]["postgres"];
    EXPECT_EQ(check["status"], "down");
    EXPECT_FALSE(check["reason"].get<std::string>().empty());
    EXPECT_EQ(readiness().json()["status"], "unavailable");
    EXPECT_EQ(client_.get("/health/live").status, 200);

    const Answer refused = client_.post(room + "/messages", {{"sender", "a"}, {"body", "b"}});
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_EQ(refused.content_type, "application/problem+json");
    EXPECT_FALSE(refused.retry_after.empty());
    EXPECT_EQ(client_.get(room + "/messages").status, 503);
    EXPECT_EQ(client_.get(room).status, 200) << "what the cache holds is still served";

    postgres().start();
    EXPECT_TRUE(eventually([&] { return is_ready_as("ready"); })) << readiness().body;
    const Answer sent = client_.post(room + "/messages", {{"sender", "a"}, {"body", "b"}});
    EXPECT_EQ(sent.status, 201) << sent.body;
}

using StartTest = ChatServerTest;

TEST_F(StartTest, IsOverOnceThePodWasReadyAndStaysOver) {
    program_.serve();
    EXPECT_TRUE(eventually(
        [&] { return client_.get("/health/startup").body.contains("chat-server migrate"); }));
    EXPECT_EQ(client_.get("/health/startup").status, 503);
    EXPECT_EQ(client_.get("/health/live").status, 200);
    ASSERT_EQ(program_.migrate(), 0);
    EXPECT_TRUE(eventually([&] { return client_.get("/health/startup").status == 200; }));
    postgres().stop();
    EXPECT_TRUE(eventually([&] { return readiness().status == 503; }));
    EXPECT_EQ(client_.get("/health/startup").status, 200);
    postgres().start();
}

TEST_F(StartTest, AFolderThatCannotBeWrittenIsNamedInReadiness) {
    test::TemporaryFolder folder;
    folder.write("media", "a file, and no folder");
    folder.write("secrets", "secret\n");
    Program program(servers_,
                    {"CHATFLOW_MEDIA_FOLDER=" + (folder.path() / "media").string(),
                     "CHATFLOW_LINK_SECRETS_FILE=" + (folder.path() / "secrets").string()});
    ASSERT_EQ(program.migrate(), 0);
    program.serve();
    ApiClient client(program.port());
    const auto files = [&] { return client.get("/health/ready").json()["checks"]["files"]; };
    EXPECT_TRUE(eventually([&] { return files()["reason"].dump().contains("media"); })) << files();
    EXPECT_EQ(files()["status"], "down");
    EXPECT_TRUE(eventually([&] { return client.get("/health/ready").status == 200; }));
}

}  // namespace
}  // namespace chatflow::chat
