#include "controller/domain/postgres/databases.hpp"
#include "controller/domain/postgres/pooler.hpp"
#include "controller/domain/postgres/tls.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace chatflow::postgres {

namespace {

// SCRAM verifiers leave the database only for roles that may log in and are no superusers.
constexpr const char* kLookupFunction = R"(CREATE OR REPLACE FUNCTION chatflow_pooler.lookup(name)
RETURNS TABLE (usename name, passwd text) LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog AS $$
    SELECT rolname, rolpassword FROM pg_authid
    WHERE rolname = $1 AND rolcanlogin AND NOT rolsuper AND NOT rolreplication
      AND (rolvaliduntil IS NULL OR rolvaliduntil > now())
$$)";

bool is_word(const std::string& text) {
    return text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
           std::string::npos;
}

}  // namespace

std::string pooler_settings(const api::PostgresPooler& pooler, const api::PostgresTls& tls) {
    // server_login_retry: how long a failed connection to the primary holds up the next one.
    // PgBouncer looks three times a second; the proxy beside it refuses what it cannot lead
    // anywhere. query_wait_timeout: longer than any pause and any failover.
    return fmt::format(
        "[databases]\n"
        "* = host=127.0.0.1 port={}\n"
        "\n"
        "[pgbouncer]\n"
        "listen_addr = *\n"
        "listen_port = {}\n"
        "unix_socket_dir = /run/pgbouncer\n"
        "pool_mode = transaction\n"
        "max_client_conn = {}\n"
        "default_pool_size = {}\n"
        "max_prepared_statements = 200\n"
        "auth_type = scram-sha-256\n"
        "auth_file = /etc/pgbouncer-users/userlist.txt\n"
        "auth_user = {}\n"
        "auth_dbname = {}\n"
        "auth_query = SELECT usename, passwd FROM chatflow_pooler.lookup($1)\n"
        "admin_users = {}\n"
        "ignore_startup_parameters = extra_float_digits\n"
        "server_login_retry = 0.2\n"
        "server_connect_timeout = 5\n"
        "query_wait_timeout = 150\n"
        "tcp_keepidle = 10\n"
        "tcp_keepintvl = 5\n"
        "tcp_keepcnt = 3\n"
        "log_connections = 0\n"
        "log_disconnections = 0\n"
        "{}",
        kProxyPort, kPoolerPort, pooler.max_client_connections, pooler.pool_size, kPoolerUser,
        kLookupDatabase, kConsoleUser, pooler_tls_settings(tls));
}

std::string proxy_settings(const std::vector<ProxyServer>& servers, bool resolvers) {
    std::string text =
        "global\n"
        "    maxconn 4000\n"
        "    nbthread 1\n"
        "defaults\n"
        "    mode tcp\n"
        "    timeout connect 2s\n"
        "    timeout check 2s\n"
        "    timeout client 1d\n"
        "    timeout server 1d\n"
        "    option clitcpka\n"
        "    option srvtcpka\n";
    if (resolvers) {
        text +=
            "resolvers cluster\n"
            "    parse-resolv-conf\n"
            "    timeout resolve 500ms\n"
            "    timeout retry 500ms\n"
            "    hold valid 1s\n"
            "    hold obsolete 1s\n";
    }
    // A member that stops being the primary loses its connections within about a second, and one
    // that becomes it is found within a fifth: transactions are held for that long. Patroni says
    // yes to /primary with the lock alone; its role is PostgreSQL's own word, after recovery.
    // HAProxy takes every server for up until it has asked: nobody is led anywhere while there is
    // not one.
    text += fmt::format(
        "listen primary\n"
        "    bind 127.0.0.1:{}\n"
        "    tcp-request connection reject unless {{ nbsrv(primary) eq 1 }}\n"
        "    option httpchk GET /primary\n"
        "    http-check expect status 200\n"
        "    http-check expect string '\"role\": \"primary\"'\n"
        "    default-server check port 8008 inter 500ms fastinter 200ms downinter 200ms fall "
        "2 rise 1 "
        "on-marked-down shutdown-sessions{}\n",
        kProxyPort, resolvers ? " resolvers cluster init-addr last,libc,none" : "");
    for (const ProxyServer& server : servers) {
        text += fmt::format("    server {} {}:5432\n", server.name, server.host);
    }
    text += fmt::format(
        "frontend state\n"
        "    mode http\n"
        "    timeout client 5s\n"
        "    bind :{}\n"
        "    stats enable\n"
        "    stats uri /state\n",
        kProxyStatePort);
    return text;
}

std::vector<ProxyServer> proxy_servers(const api::PostgresTopology& topology) {
    std::vector<ProxyServer> servers;
    for (std::int32_t i = 0; i < topology.spec.members; ++i) {
        const std::string name = fmt::format("{}-{}", topology.metadata.name, i);
        servers.push_back(
            {name, fmt::format("{}.{}-pods.{}.svc.\"$CLUSTER_DOMAIN\"", name,
                               topology.metadata.name, topology.metadata.name_space)});
    }
    return servers;
}

std::vector<std::string> pooler_role_statements(const std::string& password) {
    if (!is_word(password)) throw std::invalid_argument("the password needs quotes");
    auto statements = discreet_statements();
    for (const std::string& statement : std::vector<std::string>{
             fmt::format("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{0}') "
                         "THEN CREATE ROLE {0} LOGIN; END IF; END $$",
                         kPoolerUser),
             fmt::format("ALTER ROLE {} PASSWORD '{}'", kPoolerUser, password),
             "CREATE SCHEMA IF NOT EXISTS chatflow_pooler", kLookupFunction,
             "REVOKE ALL ON FUNCTION chatflow_pooler.lookup(name) FROM PUBLIC",
             fmt::format("GRANT USAGE ON SCHEMA chatflow_pooler TO {}", kPoolerUser),
             fmt::format("GRANT EXECUTE ON FUNCTION chatflow_pooler.lookup(name) TO {}",
                         kPoolerUser)}) {
        statements.push_back(statement);
    }
    return statements;
}

}  // namespace chatflow::postgres
