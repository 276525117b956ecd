#include "controller/clients/kube/client.hpp"
#include "controller/clients/kube/kubeconfig.hpp"
#include "libs/async/task_group.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_control_plane.hpp"

#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::kube {
namespace {

using nlohmann::json;
using test::KubeSession;
using test::TestControlPlane;
using namespace std::chrono_literals;

class KubeCredentials : public testing::Test {
 protected:
    void SetUp() override {
        if (!plane_.is_ours()) GTEST_SKIP() << "needs users that only our own server has";
    }

    static std::string who_am_i(KubeSession& session) {
        const Resource reviews{
            .group = "authentication.k8s.io", .version = "v1", .plural = "selfsubjectreviews"};
        const json review = {{"apiVersion", "authentication.k8s.io/v1"},
                             {"kind", "SelfSubjectReview"}};
        const json answer =
            session.run(session.client().create(reviews, review, {}, Deadline::after(20s)));
        return answer["status"]["userInfo"]["username"];
    }

    ClusterAccess without_token() const {
        ClusterAccess access = plane_.access();
        access.token = {};
        return access;
    }

    /// Of kOtherUser, by a plugin that counts its runs.
    ClusterAccess access_by_plugin() {
        const auto plugin = folder_.write("plugin", R"(#!/bin/sh
echo run >> "$LOG"
echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
       "status": {"token": "'$1'"}}'
)");
        std::filesystem::permissions(plugin, std::filesystem::perms::owner_all);
        ClusterAccess access = without_token();
        access.exec = ExecPlugin{.api_version = "client.authentication.k8s.io/v1",
                                 .command = plugin,
                                 .arguments = {TestControlPlane::kOtherToken},
                                 .environment = {{"LOG", folder_.path() / "log"}}};
        return access;
    }
    std::uintmax_t plugin_runs() const {
        return std::filesystem::file_size(folder_.path() / "log") /
               std::string_view("run\n").size();
    }

    TestControlPlane& plane_ = TestControlPlane::shared();
    test::TemporaryFolder folder_;
};

TEST_F(KubeCredentials, AToken) {
    KubeSession session(plane_.access());
    EXPECT_EQ(who_am_i(session), TestControlPlane::kAdminUser);
}

TEST_F(KubeCredentials, AClientCertificate) {
    const auto certificate = plane_.issue_client("somebody", "some-group");
    ClusterAccess access = without_token();
    access.client_certificate.text = certificate.certificate;
    access.client_key.text = certificate.key;
    KubeSession session(access);
    EXPECT_EQ(who_am_i(session), "somebody");
}

TEST_F(KubeCredentials, ARotatedClientCertificateCountsForTheNextRequest) {
    const auto first = plane_.issue_client("first", "");
    const auto second = plane_.issue_client("second", "");
    ClusterAccess access = without_token();
    access.client_certificate.file = folder_.write("tls.crt", first.certificate);
    access.client_key.file = folder_.write("tls.key", first.key);
    KubeSession session(access);
    EXPECT_EQ(who_am_i(session), "first");
    folder_.write("tls.crt", second.certificate);
    folder_.write("tls.key", second.key);
    session.credentials().forget();  // as after a minute
    EXPECT_EQ(who_am_i(session), "second");
}

TEST_F(KubeCredentials, ARotatedTokenIsReadWhenTheServerRefusesTheOldOne) {
    ClusterAccess access = without_token();
    access.token.file = folder_.write("token", TestControlPlane::kAdminToken);
    KubeSession session(access);
    EXPECT_EQ(who_am_i(session), TestControlPlane::kAdminUser);
    // The server does not know this one; the file is good again before the next request.
    folder_.write("token", "expired");
    session.credentials().forget();
    session.run(session.credentials().current(Deadline::after(20s)));
    folder_.write("token", std::string(TestControlPlane::kOtherToken) + "\n");
    EXPECT_EQ(who_am_i(session), TestControlPlane::kOtherUser);
}

TEST_F(KubeCredentials, ATokenThatStaysBadIsAnUnauthorizedError) {
    ClusterAccess access = without_token();
    access.token.text = "wrong";
    KubeSession session(access);
    try {
        who_am_i(session);
        FAIL() << "the server took a wrong token";
    } catch (const ApiError& refusal) {
        EXPECT_EQ(refusal.code(), 401);
    }
}

TEST_F(KubeCredentials, ARotatedAuthorityIsTakenFromTheFile) {
    ClusterAccess access = plane_.access();
    access.authorities = {.file = folder_.write("ca.crt", plane_.access().authorities.text)};
    KubeSession session(access);
    EXPECT_EQ(who_am_i(session), TestControlPlane::kAdminUser);
    plane_.stop_api_server(SIGKILL);
    plane_.rotate_authority();
    plane_.start_api_server();
    EXPECT_THROW(who_am_i(session), clients::TransportError);
    folder_.write("ca.crt", plane_.access().authorities.text);
    session.credentials().forget();  // as after a minute
    EXPECT_EQ(who_am_i(session), TestControlPlane::kAdminUser);
}

TEST_F(KubeCredentials, APodsServiceAccountFolder) {
    folder_.write("token", TestControlPlane::kOtherToken);
    folder_.write("ca.crt", plane_.access().authorities.text);
    folder_.write("namespace", "chat");
    const std::string& server = plane_.access().server;
    const auto access =
        in_cluster_access("127.0.0.1", server.substr(server.rfind(':') + 1), folder_.path());
    EXPECT_EQ(access.name_space, "chat");
    KubeSession session(access);
    EXPECT_EQ(who_am_i(session), TestControlPlane::kOtherUser);
}

TEST_F(KubeCredentials, AKubeconfig) {
    const auto access = load_kubeconfig(plane_.kubeconfig().string(), "");
    ASSERT_TRUE(access) << to_string(access.error());
    KubeSession session(*access);
    EXPECT_EQ(who_am_i(session), TestControlPlane::kAdminUser);
}

TEST_F(KubeCredentials, APluginThatPrintsAToken) {
    KubeSession session(access_by_plugin());
    EXPECT_EQ(who_am_i(session), TestControlPlane::kOtherUser);
    EXPECT_EQ(who_am_i(session), TestControlPlane::kOtherUser);
    EXPECT_EQ(plugin_runs(), 1U);
}

TEST_F(KubeCredentials, ThePluginRunsOnceHoweverManyAskAtOnce) {
    KubeSession session(access_by_plugin());
    TaskGroup tasks(session.io().get_executor(), [](const std::exception_ptr&) { FAIL(); });
    int answered = 0;
    const auto ask = [&]() -> awaitable<void> {
        const auto credential = co_await session.credentials().current(Deadline::after(20s));
        EXPECT_TRUE(credential.authorization.ends_with(TestControlPlane::kOtherToken));
        ++answered;
    };
    for (int i = 0; i < 200; ++i) tasks.spawn(ask());
    session.run(tasks.wait());
    EXPECT_EQ(answered, 200);
    EXPECT_EQ(plugin_runs(), 1U);
}

}  // namespace
}  // namespace chatflow::kube
