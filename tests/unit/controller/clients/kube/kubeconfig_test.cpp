#include "controller/clients/kube/kubeconfig.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::kube {
namespace {

using testing::HasSubstr;

/// One context, "c", of a cluster and a user with these fields.
std::string config(const std::string& cluster, const std::string& user) {
    return "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u, namespace: n}}]"
           "\nclusters: [{name: k, cluster: {" +
           cluster + "}}]\nusers: [{name: u, user: {" + user + "}}]\n";
}

auto resolve(const std::string& text, std::string_view context = "") {
    return resolve_kubeconfig({{.text = text, .folder = "/home/me/.kube"}}, context);
}

std::string errors_of(const std::string& text, std::string_view context = "") {
    const auto resolved = resolve(text, context);
    return resolved ? "" : to_string(resolved.error());
}

TEST(ResolveKubeconfig, TakesTheCurrentContext) {
    const auto access = resolve(config("server: 'https://h:6443'", "token: t"));
    ASSERT_TRUE(access) << to_string(access.error());
    EXPECT_EQ(access->server, "https://h:6443");
    EXPECT_EQ(access->name_space, "n");
    EXPECT_EQ(access->token.text, "t");
    EXPECT_FALSE(access->skip_verification);
}

TEST(ResolveKubeconfig, FilesAreRelativeToTheKubeconfig) {
    const auto access = resolve(config("server: 'https://h', certificate-authority: ca.crt",
                                       "client-certificate: /etc/me.crt, client-key: keys/me.key"));
    ASSERT_TRUE(access);
    EXPECT_EQ(access->authorities.file, "/home/me/.kube/ca.crt");
    EXPECT_EQ(access->client_certificate.file, "/etc/me.crt");
    EXPECT_EQ(access->client_key.file, "/home/me/.kube/keys/me.key");
}

TEST(ResolveKubeconfig, DataStandsBeforeFiles) {
    const auto access =
        resolve(config("server: 'https://h', certificate-authority: ca.crt, "
                       "certificate-authority-data: UEVN",
                       "token: t, tokenFile: token"));
    ASSERT_TRUE(access);
    EXPECT_EQ(access->authorities.text, "PEM");
    EXPECT_EQ(access->token.file, "/home/me/.kube/token") << "as in kubectl, the file wins";
}

TEST(ResolveKubeconfig, ReadsAPlugin) {
    const auto access =
        resolve(config("server: 'https://h'",
                       "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./get-token, "
                       "args: [a, '1'], env: [{name: A, value: b}], provideClusterInfo: true}"));
    ASSERT_TRUE(access) << to_string(access.error());
    const ExecPlugin expected{.api_version = "client.authentication.k8s.io/v1",
                              .command = "/home/me/.kube/./get-token",
                              .arguments = {"a", "1"},
                              .environment = {{"A", "b"}},
                              .provide_cluster_info = true};
    EXPECT_EQ(access->exec, expected);
}

TEST(ResolveKubeconfig, TheFirstFileThatHasANameWins) {
    const auto access = resolve_kubeconfig(
        {{.text = "clusters: [{name: k, cluster: {server: 'https://first'}}]", .folder = "/a"},
         {.text = config("server: 'https://second'", "token: t"), .folder = "/b"}},
        "");
    ASSERT_TRUE(access);
    EXPECT_EQ(access->server, "https://first");
    EXPECT_EQ(access->token.text, "t");
}

TEST(ResolveKubeconfig, RefusalsNameTheField) {
    EXPECT_THAT(errors_of("current-context: c"), HasSubstr("no entry named \"c\""));
    EXPECT_THAT(errors_of("{}"), HasSubstr("current-context"));
    EXPECT_THAT(errors_of(config("server: 'https://h'", "token: t"), "other"), HasSubstr("other"));
    EXPECT_THAT(errors_of(config("", "token: t")), HasSubstr("clusters.cluster.server"));
    EXPECT_THAT(errors_of(config("server: [a]", "token: t")), HasSubstr("server"));
    EXPECT_THAT(errors_of(config("server: 'https://h', certificate-authority-data: '*'", "")),
                HasSubstr("certificate-authority-data"));
    EXPECT_THAT(errors_of(config("server: 'https://h'", "client-certificate: a.crt")),
                HasSubstr("client-key"));
    EXPECT_THAT(errors_of(config("server: 'https://h', proxy-url: 'http://p'", "")),
                HasSubstr("proxy-url"));
    EXPECT_THAT(errors_of(config("server: 'https://h'", "exec: {command: a, apiVersion: v0}")),
                HasSubstr("v0"));
    EXPECT_THAT(errors_of(config("server: 'https://h'", "auth-provider: {name: gcp}")),
                HasSubstr("auth-provider"));
}

TEST(ResolveKubeconfig, SurvivesWhatIsNoKubeconfig) {
    for (const char* text : {"", "[]", "a", "a: [", "clusters: 7\ncurrent-context: c",
                             "contexts: [7]\ncurrent-context: c",
                             "contexts: [{name: c, context: 7}]\ncurrent-context: c"}) {
        EXPECT_NE(errors_of(text), "") << text;
    }
}

TEST(InClusterAccess, ReadsTheFilesOfTheServiceAccountLater) {
    const auto access = in_cluster_access("10.96.0.1", "443", "/var/run/account");
    EXPECT_EQ(access.server, "https://10.96.0.1:443");
    EXPECT_EQ(access.token.file, "/var/run/account/token");
    EXPECT_EQ(access.authorities.file, "/var/run/account/ca.crt");
    EXPECT_EQ(in_cluster_access("fd00::1", "443", "/x").server,
              "https://kubernetes.default.svc:443");
}

}  // namespace
}  // namespace chatflow::kube
