#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/http/request.hpp"
#include "libs/http/response.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::http {

/// Answers one request. The request outlives the coroutine.
using Handler = std::function<awaitable<Response>(const Request&)>;

/// Finds the handler of a request. Filled at start, only read afterwards: several servers, one a
/// thread, may share it.
class Router {
 public:
    /// `pattern`: "/rooms/{room}/messages"; a {name} stands for one segment. The pattern is also
    /// the value of Request::route. A literal segment goes before a {name} at the same place.
    /// Throws std::invalid_argument for a pattern without leading slash or a second handler for
    /// the same method and pattern.
    void add(Method method, std::string pattern, Handler handler);

    /// The handler, with `request.route` and `request.parameters` filled; null when the response
    /// is in `refusal` instead: 404, 405 with Allow, 400 for broken percent-encoding, 204 for
    /// OPTIONS. HEAD goes to the handler of GET.
    [[nodiscard]] const Handler* find(Request& request, Response& refusal) const;

 private:
    struct Route {
        std::string pattern;
        std::vector<std::string> segments;  // "{room}" for a parameter
        std::vector<std::pair<Method, Handler>> handlers;
    };

    [[nodiscard]] const Route* match(std::string_view path) const;

    std::vector<Route> routes_;
};

}  // namespace chatflow::http
