#include "controller/redis_agent/config_files.hpp"

#include "controller/domain/redis/route.hpp"
#include "libs/redis/script.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::redis_agent {
namespace {

using redis_topology::Endpoint;
namespace fs = std::filesystem;

constexpr int kBusPortOffset = 10'000;  // Redis' own default

// What this start says anew; the rest of a kept file is the Sentinel's memory.
constexpr std::array<std::string_view, 10> kOfThisStart = {"port ",
                                                           "tls-",
                                                           "dir ",
                                                           "requirepass ",
                                                           "masterauth ",
                                                           "user default",
                                                           "sentinel auth-pass",
                                                           "sentinel sentinel-pass",
                                                           "sentinel announce-ip",
                                                           "sentinel announce-port"};

/// The port, by TLS where there are certificates. Clients log in by password and need none; the
/// servers show theirs to each other.
std::string listening(const Options& options, std::uint16_t port) {
    if (options.tls_folder.empty()) return fmt::format("port {}\n", port);
    return fmt::format(
        "port {0}\ntls-port {1}\ntls-cert-file {2}/tls.crt\ntls-key-file {2}/tls.key\n"
        "tls-ca-cert-file {2}/ca.crt\ntls-auth-clients no\ntls-replication yes\n",
        options.plain_port, port, options.tls_folder);
}

std::string of_this_start(const Options& options, const Endpoint& self,
                          const std::string& password) {
    std::string text = listening(options, self.port) +
                       fmt::format("dir {}\nsentinel announce-ip {}\nsentinel announce-port {}\n",
                                   options.folder, self.host, self.port);
    if (!password.empty()) {
        text += fmt::format("requirepass {}\nsentinel sentinel-pass {}\nsentinel auth-pass {} {}\n",
                            password, password, options.name, password);
    }
    return text;
}

std::string included(const Options& options) {
    std::string text;
    for (const std::string& file : options.includes) text += fmt::format("include {}\n", file);
    for (const std::string& file : options.includes_if_there) {
        if (fs::exists(file)) text += fmt::format("include {}\n", file);
    }
    return text;
}

/// A length-prefixed text of a snapshot; false for forms that no header has.
bool skip_text(std::string_view& rest) {
    if (rest.empty()) return false;
    const auto first = static_cast<unsigned char>(rest.front());
    std::size_t size = 1;
    switch (first >> 6U) {
        case 0:
            size += first;
            break;
        case 3:  // a number of 1, 2 or 4 bytes
            if ((first & 0x3FU) > 2) return false;
            size += std::size_t{1} << (first & 0x3FU);
            break;
        default:
            return false;
    }
    if (rest.size() < size) return false;
    rest.remove_prefix(size);
    return true;
}

}  // namespace

std::string redis_conf(const Options& options, const Endpoint& self,
                       const redis_topology::GateDecision& decision, const std::string& password) {
    std::string text = included(options) + listening(options, self.port);
    const std::string& host = options.self.host;
    const bool may_be_master =
        decision.electable &&
        redis_topology::ordinal_of(host.substr(0, host.find('.'))) < redis_topology::kElectable;
    text += fmt::format(
        "dir {}\nreplica-announce-ip {}\nreplica-announce-port {}\nreplica-priority {}\n",
        options.folder, self.host, self.port, may_be_master ? 100 : 0);
    if (!password.empty()) text += fmt::format("requirepass {0}\nmasterauth {0}\n", password);
    if (decision.start == redis_topology::Start::AsReplica) {
        text += fmt::format("replicaof {} {}\n", decision.master.host, decision.master.port);
    }
    return text;
}

std::string cluster_conf(const Options& options, const Endpoint& self,
                         const std::string& password) {
    std::string text = included(options) + listening(options, self.port);
    text += fmt::format("dir {}\ncluster-announce-ip {}\ncluster-announce-bus-port {}\n",
                        options.folder, self.host, self.port + kBusPortOffset);
    const bool has_tls = !options.tls_folder.empty();
    if (has_tls) text += fmt::format("tls-cluster yes\ncluster-announce-tls-port {}\n", self.port);
    const std::uint16_t plain = has_tls ? options.plain_port : self.port;
    if (plain != 0) text += fmt::format("cluster-announce-port {}\n", plain);
    if (!password.empty()) text += fmt::format("requirepass {0}\nmasterauth {0}\n", password);
    return text;
}

std::string new_sentinel_conf(const Options& options, const redis_topology::AgentSettings& settings,
                              const Endpoint& self, const Endpoint& master,
                              const std::string& password) {
    // A fixed id: a Sentinel that lost its volume is the same one to its peers, not a fourth.
    const std::string id = redis::Script(options.identity).digest();
    const std::string& name = options.name;
    const std::string memory = fmt::format(
        "sentinel myid {}\nsentinel monitor {} {} {} {}\n"
        "sentinel down-after-milliseconds {} {}\nsentinel failover-timeout {} {}\n"
        "sentinel parallel-syncs {} 1\nsentinel master-reboot-down-after-period {} {}\n"
        "sentinel deny-scripts-reconfig yes\n",
        id, name, master.host, master.port, settings.quorum, name, settings.down_after.count(),
        name, settings.failover_timeout.count(), name, name, settings.down_after.count());
    // The password needs the master's name, so it comes after.
    return memory + of_this_start(options, self, password);
}

std::string kept_sentinel_conf(const std::string& kept, const Options& options,
                               const Endpoint& self, const std::string& password) {
    std::string text;
    std::istringstream lines(kept);
    for (std::string line; std::getline(lines, line);) {
        const auto begins = [&line](std::string_view words) { return line.starts_with(words); };
        if (std::ranges::none_of(kOfThisStart, begins)) text += line + '\n';
    }
    return text + of_this_start(options, self, password);
}

bool snapshot_has_keys(std::string_view rest) {
    // github.com/redis/redis, src/rdb.h: "REDIS" and version, auxiliary fields, then what there is.
    constexpr unsigned char kAuxiliary = 0xFA;
    constexpr unsigned char kEnd = 0xFF;
    if (!rest.starts_with("REDIS") || rest.size() < 10) return !rest.empty();
    rest.remove_prefix(9);
    while (!rest.empty() && static_cast<unsigned char>(rest.front()) == kAuxiliary) {
        rest.remove_prefix(1);
        if (!skip_text(rest) || !skip_text(rest)) return true;
    }
    return rest.empty() || static_cast<unsigned char>(rest.front()) != kEnd;
}

bool has_data(const fs::path& folder) {
    std::error_code failed;
    for (const auto& entry : fs::recursive_directory_iterator(folder, failed)) {
        const auto extension = entry.path().extension();
        if (extension == ".aof" && entry.file_size() > 0) return true;
        if (extension != ".rdb") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        std::string beginning(1024, '\0');
        file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
        beginning.resize(static_cast<std::size_t>(file.gcount()));
        if (snapshot_has_keys(beginning)) return true;
    }
    return false;
}

void write_secret_file(const fs::path& path, const std::string& text) {
    const fs::path beside = path.string() + ".new";
    {
        std::ofstream file(beside, std::ios::binary | std::ios::trunc);
        fs::permissions(beside, fs::perms::owner_read | fs::perms::owner_write);
        file << text;
        if (!file.flush()) throw std::runtime_error("cannot write " + beside.string());
    }
    fs::rename(beside, path);
}

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

redis_topology::AgentSettings read_settings(const Options& options) {
    auto settings = redis_topology::agent_settings_from(read_file(options.settings));
    if (!settings) throw std::runtime_error(options.settings + ": " + settings.error());
    return *std::move(settings);
}

redis_topology::Credentials credentials_of(const Options& options) {
    redis_topology::Credentials credentials{.user = {},
                                            .password = read_password(options.password_file)};
    if (!options.tls_folder.empty()) {
        credentials.trust = {.ca_file = options.tls_folder + "/ca.crt",
                             .authorities = {},
                             .server_name = options.server_name};
    }
    return credentials;
}

std::string read_password(const std::string& path) {
    if (path.empty()) return {};
    std::string text = read_file(path);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
}

}  // namespace chatflow::redis_agent
