/// The bodies of Asio and Beast for test programs that have no other part of
/// the server in them. Those that link `net` get its copy, which comes first.

#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
