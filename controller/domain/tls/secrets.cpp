#include "controller/domain/tls/secrets.hpp"

#include "libs/base/base64.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

namespace chatflow::tls {
namespace {

using nlohmann::json;

std::string value_of(const Secret& secret, const char* key) {
    if (!secret) return {};
    return decode_base64(secret->value("data", json::object()).value(key, "")).value_or("");
}

certificates::Pair pair_in(const Secret& secret) {
    return {.certificate = value_of(secret, "tls.crt"), .key = value_of(secret, "tls.key")};
}

int renewals_of(const Secret& secret) {
    const json::json_pointer path("/metadata/annotations/chatflow.dev~1renewals");
    if (!secret || !secret->contains(path)) return 0;
    const std::string text = (*secret)[path].get<std::string>();
    int renewals = 0;
    std::from_chars(text.data(), text.data() + text.size(), renewals);
    return renewals;
}

}  // namespace

Certificates given_in(const Secret& server) {
    Certificates stored;
    stored.server = pair_in(server);
    stored.authorities = stored.served_authorities = value_of(server, "ca.crt");
    stored.renewals = renewals_of(server);
    return stored;
}

Certificates kept_in(const Secret& server, const Secret& authority) {
    Certificates stored = given_in(server);
    stored.authority = pair_in(authority);
    stored.authorities = value_of(authority, "ca.crt");
    return stored;
}

std::map<std::string, std::string> secret_data(const certificates::Pair& pair,
                                               const std::string& authorities) {
    return {{"tls.crt", encode_base64(pair.certificate)},
            {"tls.key", encode_base64(pair.key)},
            {"ca.crt", encode_base64(authorities)}};
}

}  // namespace chatflow::tls
