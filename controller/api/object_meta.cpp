#include "controller/api/object_meta.hpp"

namespace chatflow::api {

std::string to_string(const ObjectKey& key) {
    return key.name_space.empty() ? key.name : key.name_space + "/" + key.name;
}

}  // namespace chatflow::api
