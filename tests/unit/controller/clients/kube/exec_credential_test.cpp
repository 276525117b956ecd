#include "controller/clients/kube/exec_credential.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::kube {
namespace {

using testing::HasSubstr;

const std::string v1 = "client.authentication.k8s.io/v1";

std::string with_status(const std::string& status) {
    return R"({"apiVersion": ")" + v1 + R"(", "kind": "ExecCredential", "status": )" + status + "}";
}

std::string refusal_of(const std::string& output) {
    try {
        (void)parse_exec_credential(output, v1);
    } catch (const CredentialError& error) {
        return error.what();
    }
    return "";
}

TEST(ParseExecCredential, TakesATokenOrACertificate) {
    const auto token = parse_exec_credential(
        with_status(R"({"token": "t", "expirationTimestamp": "2026-11-21T08:00:00Z"})"), v1);
    EXPECT_EQ(token.token, "t");
    EXPECT_EQ(token.expires_at, parse_rfc3339("2026-11-21T08:00:00Z"));
    const auto certificate = parse_exec_credential(
        with_status(R"({"clientCertificateData": "c", "clientKeyData": "k"})"), v1);
    EXPECT_EQ(certificate.certificate_pem, "c");
    EXPECT_EQ(certificate.key_pem, "k");
    EXPECT_FALSE(certificate.expires_at);
}

TEST(ParseExecCredential, RefusesWhatItCannotUseWithoutShowingIt) {
    const std::string half = R"({"clientCertificateData": "secret"})";
    const std::string when = R"({"token": "secret", "expirationTimestamp": "tomorrow"})";
    for (const std::string& output :
         {std::string("secret"), std::string("{}"), with_status("null"), with_status("{}"),
          with_status(half), with_status(when), with_status(R"({"token": 7})"),
          std::string(R"({"apiVersion": "v9", "kind": "ExecCredential", "status": {}})")}) {
        const std::string refusal = refusal_of(output);
        EXPECT_THAT(refusal, HasSubstr("credential plugin")) << output;
        EXPECT_THAT(refusal, Not(HasSubstr("secret"))) << output;
    }
}

TEST(ExecInfo, TellsThePluginOfTheClusterOnlyWhenItAsksForThat) {
    ClusterAccess access{.server = "https://10.0.0.1"};
    access.exec = ExecPlugin{.api_version = v1, .command = "plugin"};
    auto info = nlohmann::json::parse(exec_info_for(access, "PEM"));
    EXPECT_EQ(info["apiVersion"], v1);
    EXPECT_FALSE(info["spec"].contains("cluster"));
    access.exec->provide_cluster_info = true;
    info = nlohmann::json::parse(exec_info_for(access, "PEM"));
    EXPECT_EQ(info["spec"]["cluster"]["server"], "https://10.0.0.1");
    EXPECT_EQ(info["spec"]["cluster"]["certificate-authority-data"], "UEVN");
}

}  // namespace
}  // namespace chatflow::kube
