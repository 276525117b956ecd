#pragma once

#include "tests/support/certificates.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::test {

struct ScriptedRequest {
    std::string method;
    std::string target;
    std::string head;  // request line and headers as they came
    std::string body;
    int connection = 0;  // 1, 2, …: which of the server's connections brought it

    /// Empty when there is no such header. `name` in the client's spelling.
    [[nodiscard]] std::string header(std::string_view name) const;
};

/// One connection, for the script of one request. Calls block; after reset() or when the peer has
/// left they do nothing.
class ScriptedConnection {
 public:
    virtual ~ScriptedConnection() = default;

    virtual void write(std::string_view bytes) = 0;
    /// Ends the connection with a TCP reset, as a killed server or a firewall does.
    virtual void reset() = 0;
    /// Ends it properly.
    virtual void close() = 0;
    /// Says nothing until the peer leaves, or the server ends. True: the peer left.
    virtual bool wait_until_peer_leaves() = 0;

    /// A whole response; `headers`: "Retry-After: 1\r\n".
    void reply(int status, std::string_view body, std::string_view headers = "");
    /// A 200 whose body follows in chunks.
    void start_stream();
    void send_chunk(std::string_view bytes);
    void end_stream();
};

/// A real server on a TCP port of 127.0.0.1 that answers each request by the next step of a
/// script: for the faults that a real API server does not show on demand. Requests beyond the
/// script get 500. Steps run in the server's threads.
class ScriptedHttpServer {
 public:
    using Step = std::function<void(const ScriptedRequest&, ScriptedConnection&)>;

    /// With a certificate: TLS.
    explicit ScriptedHttpServer(std::vector<Step> script,
                                const std::optional<CertificateAndKey>& certificate = {});
    ScriptedHttpServer(const ScriptedHttpServer&) = delete;
    ScriptedHttpServer& operator=(const ScriptedHttpServer&) = delete;
    ~ScriptedHttpServer();

    /// "http://127.0.0.1:4711", or https.
    [[nodiscard]] std::string url() const;

    [[nodiscard]] std::vector<ScriptedRequest> requests() const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace chatflow::test
