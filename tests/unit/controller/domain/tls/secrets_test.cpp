#include "controller/domain/tls/secrets.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::tls {
namespace {

using nlohmann::json;

Secret secret_with(const certificates::Pair& pair, const std::string& authorities) {
    return json{{"data", secret_data(pair, authorities)}};
}

TEST(TlsSecretsTest, WhatIsWrittenIsRead) {
    const auto stored = kept_in(secret_with({"server", "its key"}, "old"),
                                secret_with({"authority", "another"}, "old and new"));
    EXPECT_EQ(stored.server.certificate, "server");
    EXPECT_EQ(stored.server.key, "its key");
    EXPECT_EQ(stored.authority.certificate, "authority");
    EXPECT_EQ(stored.authority.key, "another");
    EXPECT_EQ(stored.authorities, "old and new");
    EXPECT_EQ(stored.served_authorities, "old");
}

TEST(TlsSecretsTest, AUsersSecretHasNoAuthorityThatSigns) {
    const auto stored = given_in(secret_with({"server", "its key"}, "theirs"));
    EXPECT_EQ(stored.authorities, "theirs");
    EXPECT_FALSE(is_own(stored));
}

TEST(TlsSecretsTest, RenewalsAreCountedInAnAnnotation) {
    Secret secret = secret_with({"server", "its key"}, "");
    EXPECT_EQ(given_in(secret).renewals, 0);
    (*secret)["metadata"]["annotations"]["chatflow.dev/renewals"] = "7";
    EXPECT_EQ(given_in(secret).renewals, 7);
    (*secret)["metadata"]["annotations"]["chatflow.dev/renewals"] = "many";
    EXPECT_EQ(given_in(secret).renewals, 0);
}

TEST(TlsSecretsTest, WhatIsMissingOrDamagedIsEmpty) {
    EXPECT_EQ(kept_in(std::nullopt, std::nullopt), Certificates{});
    EXPECT_EQ(given_in(json{{"data", {{"tls.crt", "~"}}}}), Certificates{});
    EXPECT_EQ(given_in(json::object()), Certificates{});
}

}  // namespace
}  // namespace chatflow::tls
