#include "libs/redis/url.hpp"

#include "libs/base/number.hpp"

#include <optional>
#include <utility>

namespace chatflow::redis {
namespace {

constexpr std::uint16_t kRedisPort = 6379;
constexpr std::uint16_t kSentinelPort = 26379;
constexpr std::size_t kSeedsMax = 64;

using Problem = std::unexpected<std::string>;

std::optional<std::string> decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        const auto digits = text.substr(i + 1, 2);
        const auto code = parse_number<unsigned>(digits, 16);
        if (digits.size() != 2 || !code) return std::nullopt;
        plain += static_cast<char>(*code);
        i += 2;
    }
    return plain;
}

// The part before `mark`, which is cut off together with it; all of `rest` when there is none.
std::string_view take_until(std::string_view& rest, char mark) {
    const auto place = rest.find(mark);
    const auto part = rest.substr(0, place);
    rest = place == std::string_view::npos ? std::string_view{} : rest.substr(place + 1);
    return part;
}

std::optional<Address> address(std::string_view text, std::uint16_t usual_port) {
    Address found{.port = usual_port};
    auto host = text;
    auto port = std::string_view{};
    if (text.starts_with('[')) {  // [::1]:6379
        const auto end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon);
    }
    if (host.empty()) return std::nullopt;
    if (!port.empty()) {
        const auto value =
            port.starts_with(':') ? parse_number<std::uint16_t>(port.substr(1)) : std::nullopt;
        if (!value || *value == 0) return std::nullopt;
        found.port = *value;
    }
    found.host = std::string(host);
    return found;
}

std::expected<void, std::string> read_scheme(std::string_view scheme, Options& options) {
    const auto plus = scheme.find('+');
    const auto protocol = scheme.substr(0, plus);
    const auto kind = plus == std::string_view::npos ? "" : scheme.substr(plus + 1);
    const bool is_known_kind = kind.empty() || kind == "sentinel" || kind == "cluster";
    if ((protocol != "redis" && protocol != "rediss") || !is_known_kind) {
        return Problem(
            "must begin with redis://, redis+sentinel:// or redis+cluster:// (with TLS: "
            "rediss…)");
    }
    options.tls.enabled = protocol == "rediss";
    if (kind == "sentinel") options.discovery = Discovery::Sentinel;
    if (kind == "cluster") options.discovery = Discovery::Cluster;
    return {};
}

std::expected<void, std::string> read_hosts(std::string_view hosts, Options& options) {
    const bool asks_sentinels = options.discovery == Discovery::Sentinel;
    while (!hosts.empty()) {
        auto seed = address(take_until(hosts, ','), asks_sentinels ? kSentinelPort : kRedisPort);
        if (!seed) return Problem("must name a host and a port from 1 to 65535");
        options.seeds.push_back(std::move(*seed));
    }
    if (options.seeds.empty()) return Problem("must name a host");
    if (options.seeds.size() > kSeedsMax) return Problem("must not name more than 64 hosts");
    if (options.discovery != Discovery::Direct) return {};
    if (options.seeds.size() > 1) {
        return Problem("must name one host; several go with redis+sentinel:// or redis+cluster://");
    }
    options.host = options.seeds.front().host;
    options.port = options.seeds.front().port;
    options.seeds.clear();
    return {};
}

std::expected<void, std::string> read_path(std::string_view path, Options& options) {
    if (options.discovery == Discovery::Sentinel) {
        const auto name = decoded(take_until(path, '/'));
        if (!name || name->empty()) return Problem("must name the master: …/master-name");
        options.master_name = *name;
    }
    if (path.empty()) return {};
    const auto database = parse_number<std::uint32_t>(path);
    if (!database) return Problem("must end with the number of a database, for instance /0");
    if (options.discovery == Discovery::Cluster && *database != 0) {
        return Problem("must use database 0: a cluster has no other");
    }
    options.database = *database;
    return {};
}

std::expected<void, std::string> read_parameters(std::string_view query, Options& options) {
    const std::pair<std::string_view, std::string*> known[] = {
        {"ca_file", &options.tls.ca_file},
        {"certificate_file", &options.tls.certificate_file},
        {"key_file", &options.tls.key_file},
        {"server_name", &options.tls.server_name},
        {"client_name", &options.client_name},
        {"sentinel_username", &options.sentinel_username},
        {"sentinel_password", &options.sentinel_password}};
    while (!query.empty()) {
        auto value = take_until(query, '&');
        const auto name = take_until(value, '=');
        const auto text = decoded(value);
        bool is_known = false;
        for (const auto& [known_name, place] : known) {
            if (known_name != name || !text) continue;
            *place = *text;
            is_known = true;
        }
        if (!is_known) return Problem("has a parameter after ? that is not known or not readable");
    }
    return {};
}

std::expected<void, std::string> read_user(std::string_view user, Options& options) {
    const auto name = decoded(take_until(user, ':'));
    const auto password = decoded(user);
    if (!name || !password) return Problem("must write % in a password as %25");
    options.username = *name;
    options.password = *password;
    return {};
}

}  // namespace

std::expected<Options, std::string> parse_url(std::string_view text) {
    Options options;
    const auto scheme_end = text.find("://");
    auto rest = scheme_end == std::string_view::npos ? "" : text.substr(scheme_end + 3);
    auto read = read_scheme(text.substr(0, scheme_end), options);
    if (!read) return Problem(read.error());
    auto before_query = take_until(rest, '?');
    auto hosts = take_until(before_query, '/');
    if (const auto at = hosts.rfind('@'); at != std::string_view::npos) {
        read = read_user(hosts.substr(0, at), options);
        hosts.remove_prefix(at + 1);
    }
    if (read) read = read_hosts(hosts, options);
    if (read) read = read_path(before_query, options);
    if (read) read = read_parameters(rest, options);
    if (!read) return Problem(read.error());
    return options;
}

}  // namespace chatflow::redis
