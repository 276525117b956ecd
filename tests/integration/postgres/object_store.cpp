#include "tests/integration/postgres/object_store.hpp"

#include "libs/base/time.hpp"
#include "libs/certificates/certificates.hpp"
#include "tests/support/files.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/postgres_user.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>

namespace chatflow::test {

namespace {

constexpr const char* kBucket = "backups";
constexpr const char* kKey = "S3RVER";  // the only one that it knows, and its own secret

}  // namespace

ObjectStore::ObjectStore() : port_(find_free_port()) {
    const char* const clients = std::getenv("CHATFLOW_CLIENTS");
    if (clients == nullptr) throw std::runtime_error("CHATFLOW_CLIENTS must name a folder");
    const auto now = std::chrono::floor<TimePoint::duration>(std::chrono::system_clock::now());
    const certificates::Validity today{now - std::chrono::hours{1}, now + std::chrono::hours{23}};
    const auto pair =
        certificates::issue(certificates::make_authority("store", today), {"127.0.0.1"}, today);
    const auto key = folder_.write("tls.key", pair.key);
    const auto certificate = folder_.write("tls.crt", pair.certificate);
    server_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{"/usr/bin/env", fmt::format("NODE_PATH={}/node_modules", clients),
                                 "node", "tests/integration/postgres/object_store.js",
                                 folder_.path().string(), std::to_string(port_), key.string(),
                                 certificate.string(), kBucket},
        folder_.path() / "store.log");
}

nlohmann::json ObjectStore::target() const {
    return {{"s3",
             {{"bucket", kBucket},
              {"endpoint", fmt::format("127.0.0.1:{}", port_)},
              {"region", "eu-central-1"},
              {"prefix", "/pg"},
              {"credentialsSecret", "keys"},
              {"pathStyle", true},
              {"verifyTLS", false}}}};
}

std::vector<std::string> ObjectStore::environment() {
    std::vector<std::string> variables;
    for (const char* name : {"PGBACKREST_REPO1_S3_KEY", "PGBACKREST_REPO1_S3_KEY_SECRET",
                             "RECOVERY_S3_KEY", "RECOVERY_S3_KEY_SECRET"}) {
        variables.push_back(fmt::format("{}={}", name, kKey));
    }
    return variables;
}

std::string ObjectStore::log() const { return text_of(folder_.path() / "store.log"); }

}  // namespace chatflow::test
