#include "controller/domain/postgres/tls.hpp"

#include "controller/domain/postgres/names.hpp"
#include "controller/domain/postgres/pooler.hpp"
#include "controller/domain/tls/kept.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {

using nlohmann::json;

namespace {

constexpr const char* kVolumeName = "tls";
// PostgreSQL refuses a key that others may read; it accepts one of root's that its group may.
constexpr int kMode = 0440;

std::string file(const char* name) { return fmt::format("{}/{}", kTlsFolder, name); }

}  // namespace

std::string tls_secret_of(const api::PostgresTopology& topology) {
    return tls::secret_of(topology.metadata.name, topology.spec.tls.existing_secret);
}

std::string server_name_of(const api::ObjectMeta& topology) {
    return fmt::format("{}.{}.svc", read_write_service(topology.name), topology.name_space);
}

std::vector<std::string> certificate_names(const api::PostgresTopology& topology) {
    const std::string& name = topology.metadata.name;
    const std::string& name_space = topology.metadata.name_space;
    std::vector<std::string> names{"localhost", "127.0.0.1"};
    for (const std::string& service : {read_write_service(name), name + "-ro", name + "-r",
                                       pooler_object(name), fmt::format("*.{}-pods", name)}) {
        tls::add_service(names, service, name_space);
    }
    std::ranges::sort(names);
    return names;
}

json tls_parameters(const api::PostgresTls& tls) {
    if (!tls.enabled) return json::object();
    return {{"ssl", "on"}, {"ssl_cert_file", file("tls.crt")}, {"ssl_key_file", file("tls.key")}};
}

json with_tls(json user, const api::PostgresTls& tls) {
    if (!tls.enabled) return user;
    // Members find each other by addresses, which no certificate has: the authority is their own.
    user["sslmode"] = "verify-ca";
    user["sslrootcert"] = file("ca.crt");
    return user;
}

std::string pooler_tls_settings(const api::PostgresTls& tls) {
    if (!tls.enabled) return {};
    // It reaches the primary by the proxy beside it, whose address is in no certificate.
    return fmt::format(
        "client_tls_sslmode = {}\n"
        "client_tls_cert_file = {}\n"
        "client_tls_key_file = {}\n"
        "server_tls_sslmode = verify-ca\n"
        "server_tls_ca_file = {}\n",
        tls.required ? "require" : "allow", file("tls.crt"), file("tls.key"), file("ca.crt"));
}

json tls_volumes(const api::PostgresTopology& topology) {
    if (!topology.spec.tls.enabled) return json::array();
    return json::array(
        {json{{"name", kVolumeName},
              {"secret", {{"secretName", tls_secret_of(topology)}, {"defaultMode", kMode}}}}});
}

json tls_mounts(const api::PostgresTls& tls) {
    if (!tls.enabled) return json::array();
    return json::array(
        {json{{"name", kVolumeName}, {"mountPath", kTlsFolder}, {"readOnly", true}}});
}

}  // namespace chatflow::postgres
